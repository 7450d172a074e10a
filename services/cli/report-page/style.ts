import { Html } from '../../charts/html.ts';

/** Colours are told apart in shades of grey and by people who see no red or green; words stand beside each. */
export const STYLE = new Html(`
:root{color-scheme:light dark;--page:#fbfbfa;--card:#fff;--ink:#1b1f24;--quiet:#5b6470;--line:#dfe2e6;--grid:#eceef0;
--baseline:#3d6fb6;--canary:#c2570c;--good:#1a7f45;--bad:#c0271f;--unsure:#8a6100;--none:#5b6470}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--card:#1c2026;--ink:#e6e9ed;--quiet:#9aa4b0;--line:#333a43;--grid:#2a3038;
--baseline:#7fb0f5;--canary:#f59a52;--good:#4cc38a;--bad:#ff7b72;--unsure:#e0b341;--none:#9aa4b0}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem 4rem;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:0;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2.25rem 0 .75rem}h3{font-size:1rem;margin:0}
p{margin:.35rem 0}a{color:inherit}.quiet,.tick,figcaption{color:var(--quiet)}.quiet{font-size:.9rem}
.verdict{font-weight:600;white-space:nowrap}.good{color:var(--good)}.bad{color:var(--bad)}.unsure{color:var(--unsure)}.none{color:var(--none)}
header{display:flex;gap:1.25rem;align-items:baseline;justify-content:space-between;flex-wrap:wrap}header .verdict{font-size:1.25rem}
.warnings{border-left:3px solid var(--unsure);padding:.1rem 0 .1rem .8rem;margin:.8rem 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th{font-weight:500;color:var(--quiet);text-align:left;font-size:.85rem}
th,td{padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}.number{text-align:right;white-space:nowrap}td{overflow-wrap:anywhere}
.scroll{overflow-x:auto}.score{display:grid;grid-template-columns:auto 1fr;gap:1rem;align-items:center;margin:.75rem 0}
.score b{font-size:2.2rem;line-height:1;font-variant-numeric:tabular-nums}
details{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:.75rem 0;padding:.75rem 1rem}
summary{cursor:pointer;display:flex;gap:1rem;justify-content:space-between;align-items:baseline}summary h3{overflow-wrap:anywhere}
details[open] summary{margin-bottom:.5rem}figure{margin:1rem 0 0;min-width:0}figcaption{font-size:.85rem;margin-bottom:.25rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}@media (max-width:40rem){.pair{grid-template-columns:1fr}}
svg{display:block;width:100%;height:auto}.tick{font-size:11px;fill:var(--quiet)}.grid{stroke:var(--grid)}.axis{stroke:var(--line)}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}.line.baseline,.median.baseline{stroke:var(--baseline)}.line.canary,.median.canary{stroke:var(--canary)}.line.canary{stroke-opacity:.85}
.area{fill-opacity:.28;stroke-width:1.2}.area.baseline{fill:var(--baseline);stroke:var(--baseline)}.area.canary{fill:var(--canary);stroke:var(--canary)}
.median{stroke-width:1.5;stroke-dasharray:4 3}.tolerated{fill:var(--quiet);fill-opacity:.16}.zero{stroke:var(--quiet);stroke-dasharray:2 3}
.interval{stroke:var(--canary);stroke-width:2;fill:var(--canary)}
.key{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .35em 0 .8em;vertical-align:-.05em}.key.baseline{background:var(--baseline)}.key.canary{background:var(--canary)}
.track{fill:var(--grid)}.fill{fill:currentColor}.mark{stroke:var(--ink);stroke-width:1.5}.empty{color:var(--quiet);font-style:italic}
@media print{body{background:#fff}details{break-inside:avoid}}
`);
