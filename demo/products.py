"""The products: brand, name and specification, sold by the box with 13 % value added tax on top."""

from demo.data import rows


def load_products(demo):
    """Create units, categories and the products of products.csv."""
    env = demo.env
    units = {}
    for row in rows("units"):
        units[row["name"]] = env["uom.uom"].create({"name": row["name_en"]})
        demo.name(units[row["name"]], row["name_en"], row["name"])
    items = rows("products")
    categories = {name: env["product.category"].create({"name": name}) for name in _distinct(items, "category")}
    stock = demo.has("product.template.is_storable")
    values = []
    for number, row in enumerate(items):
        vals = {
            "name": f"{row['name_en']} {row['spec']}",
            "default_code": row["code"],
            "barcode": _ean13(f"69{2134000000 + number * 1307:010d}"),
            "type": "consu",
            "categ_id": categories[row["category"]].id,
            "uom_id": units[row["unit"]].id,
            "list_price": float(row["price"]),
            "standard_price": float(row["cost"]),
            "invoice_policy": "delivery",
            "sale_ok": True,
        }
        if stock:
            vals["is_storable"] = True
        values.append(vals)
    products = env["product.product"].create(values)
    for product, row in zip(products, items, strict=True):
        chinese = f"{row['brand']} {row['name']} {row['spec']}"
        demo.name(product.product_tmpl_id, product.name, chinese)
        demo.products[row["code"]] = product
    demo.say(f"{len(products)} products")


def _distinct(items, column):
    return list(dict.fromkeys(row[column] for row in items))


def _ean13(stem):
    """Return the twelve digits with the check digit of a bar code."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(stem))
    return f"{stem}{-total % 10}"
