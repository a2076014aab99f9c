import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";

import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";

/**
 * A canvas with a chart that is drawn again whenever its configuration is another.
 */
export class ChartCanvas extends Component {
    static template = "customer_scorecard.ChartCanvas";
    static props = {
        // Makes the configuration of Chart.js, anew for each drawing.
        config: Function,
        // Text that changes when the chart has to be drawn again.
        version: String,
        // What the picture shows, for those who don't see it.
        label: String,
    };

    setup() {
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.chart?.destroy();
                this.chart = new Chart(this.canvas.el, this.props.config());
            },
            () => [this.props.version]
        );
        onWillUnmount(() => this.chart?.destroy());
    }
}

/**
 * @returns {{ text: string, grid: string, previous: string, series: (index: number) => string }} colours of the
 *  present scheme, bright or dark
 */
export function chartColors() {
    const scheme = cookie.get("color_scheme");
    return {
        text: getCustomColor(scheme, "#374151", "#E4E4E4"),
        grid: getCustomColor(scheme, "rgba(0,0,0,.12)", "rgba(255,255,255,.18)"),
        previous: getCustomColor(scheme, "#8A94A3", "#8A94A3"),
        series: (index) => getColor([1, 4, 3, 7, 8][index % 5], scheme, 12),
    };
}

const PIECES = /[\u2E80-\uFFEF][、，。；：！？）》」』”…]*|[^\s\u2E80-\uFFEF]+\s*|\s+/g;

/**
 * Breaks a label into lines of about the given width, where a Chinese character is two wide.
 *
 * @param {string} text
 * @param {number} width
 * @returns {string[]}
 */
export function wrapLabel(text, width = 16) {
    const lines = [""];
    let used = 0;
    // Chinese may be broken after each character but not before a closing mark, other scripts between words.
    for (const part of text.match(PIECES) || []) {
        const size = [...part.trimEnd()].reduce((sum, c) => sum + (c > "\u2E7F" ? 2 : 1), 0);
        if (used && used + size > width) {
            lines.push("");
            used = 0;
        }
        lines[lines.length - 1] += part;
        used += size + (part.length - part.trimEnd().length);
    }
    return lines.map((line) => line.trim());
}
