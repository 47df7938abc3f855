/** How charts look. @module */

/** Colours of curves and points, light and dark: apart in hue and in lightness, after Okabe and Ito (2008), for all kinds of eyes. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ["#0072b2", "#56b4e9"],
  ["#c04f00", "#f0a030"],
  ["#00805e", "#2fc79b"],
  ["#a34b83", "#e29bc4"],
  // Points only: as lines they would be too near to those above.
  ["#6b6b6b", "#d0d0d0"],
  ["#4b3f9e", "#a9a1f5"],
  ["#8a6d00", "#e3d04f"],
  ["#a32035", "#ff8f8f"],
];

/** Number of colours of curves before they come round again. */
export const HUES = 4;

/** Number of colours of points before they come round again. */
export const POINT_HUES = COLOURS.length;

/** Dashes of curves, `stroke-dasharray`: they tell curves apart where colours do not. */
export const DASHES: readonly string[] = ["none", "7 5", "2 5", "12 4 2 4", "14 6"];

const hues = (shade: 0 | 1) =>
  COLOURS.map((pair, i) => `.graft-chart .hue-${i}{color:${pair[shade]}}`).join("");

/** Style of a chart, for its `<style>` element: every rule is bound to the chart, so that it leaves a page around it alone. */
export const CHART_STYLE: string =
  ".graft-chart{font:13px system-ui,sans-serif;max-width:100%;height:auto}" +
  ".graft-chart .surface{fill:#fff}.graft-chart text{fill:#333;stroke:none}" +
  ".graft-chart .title{font-size:16px;font-weight:600}" +
  ".graft-chart .middle{text-anchor:middle}.graft-chart .end{text-anchor:end}" +
  ".graft-chart path,.graft-chart circle{fill:none}.graft-chart .grid{stroke:#e3e3e3}.graft-chart .axis{stroke:#777}" +
  ".graft-chart .mark{stroke:#777;stroke-dasharray:3 3}" +
  ".graft-chart .curve{stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}" +
  ".graft-chart .dot{fill:currentColor;stroke:none}.graft-chart .band{fill:currentColor;fill-opacity:.13;stroke:none}" +
  ".graft-chart .bar{fill:currentColor;fill-opacity:.6;stroke:none}.graft-chart .whisker{stroke:currentColor;stroke-width:1.5;stroke-opacity:.65}" +
  ".graft-chart .gap{stroke:currentColor;stroke-width:5;stroke-opacity:.4}" +
  ".graft-chart .faint{fill:currentColor;fill-opacity:.28;stroke:none}" +
  ".graft-chart .bold{fill:currentColor;stroke:none}.graft-chart .ring{stroke:#111;stroke-width:1.5}" +
  ".graft-chart .name{font-weight:600;paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round;text-anchor:middle}" +
  hues(0) +
  "@media screen and (prefers-color-scheme:dark){" +
  ".graft-chart .surface{fill:#1b1b1d}.graft-chart text{fill:#ddd}" +
  ".graft-chart .grid{stroke:#38383c}.graft-chart .axis,.graft-chart .mark{stroke:#999}" +
  ".graft-chart .ring{stroke:#fff}.graft-chart .name{stroke:#17181b}" +
  hues(1) + "}";
