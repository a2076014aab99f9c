/**
 * What was typed into the grid and is not saved yet. Months count from 0.
 */
export class TargetGridEdits {
    constructor() {
        this.clear();
    }

    clear() {
        this.cells = new Map();
    }

    get size() {
        return this.cells.size;
    }

    /** The customers whose targets were changed. */
    get customerIds() {
        return new Set([...this.cells.values()].map((cell) => cell.customerId));
    }

    /**
     * @param {{ id: number, amounts: (number|null)[] }} row
     * @param {number} month
     * @returns {number|null} the amount as it would be saved now
     */
    amount(row, month) {
        const cell = this.cells.get(`${row.id}-${month}`);
        return cell ? cell.amount : row.amounts[month];
    }

    isChanged(row, month) {
        return this.cells.has(`${row.id}-${month}`);
    }

    /**
     * @param {{ id: number, amounts: (number|null)[] }} row
     * @param {number} month
     * @param {number|null} amount
     */
    set(row, month, amount) {
        const key = `${row.id}-${month}`;
        const was = this.cells.has(key) ? this.cells.get(key).was : row.amounts[month];
        if (amount === was) {
            this.cells.delete(key);
        } else {
            this.cells.set(key, { customerId: row.id, month, amount, was });
        }
    }

    /** What the edits add to the saved total of a month. */
    difference(month) {
        let sum = 0;
        for (const cell of this.cells.values()) {
            if (cell.month === month) {
                sum += (cell.amount || 0) - (cell.was || 0);
            }
        }
        return sum;
    }

    /**
     * @param {number} year
     * @returns {Object[]} the cells as customer.target.save_grid() takes them
     */
    toSave(year) {
        return [...this.cells.values()].map(({ customerId, month, amount, was }) => ({
            partner_id: customerId,
            month: `${year}-${String(month + 1).padStart(2, "0")}-01`,
            amount,
            was,
        }));
    }
}

/**
 * @param {string} text as copied from a spreadsheet
 * @returns {string[][]} rows of cells
 */
export function parseClipboard(text) {
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
    return lines.map((line) => line.split("\t").map((cell) => cell.trim()));
}

/**
 * @param {(number|null)[]} amounts
 * @returns {number|null} their sum, null when all are empty
 */
export function sum(amounts) {
    const given = amounts.filter((amount) => amount !== null && amount !== undefined);
    return given.length ? given.reduce((total, amount) => total + amount, 0) : null;
}
