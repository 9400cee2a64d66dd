--- The style of all pages: one file, for light and dark, from a phone to a wide screen.
return [[
:root {
  color-scheme: light dark;
  --ground: #f6f6f4; --panel: #ffffff; --line: #e0dfda; --soft: #f0efec; --text: #1d1f21; --muted: #5c6066;
  --accent: #1f5fbf; --good: #1a7037; --bad: #b3261e; --wait: #875300; --bar: #6b8fc4; --bar-bad: #d1605a; --bar-wait: #d9a441;
  --bar-good: #6aa981; --focus: #1f5fbf;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121315; --panel: #1a1c1f; --line: #2e3136; --soft: #23262a; --text: #e4e5e3; --muted: #a0a5ac;
    --accent: #8ab4f8; --good: #6fcf8b; --bad: #ff8a80; --wait: #eab54f; --bar: #5d80b5; --bar-bad: #c25a54; --bar-wait: #b5883a;
    --bar-good: #4f8c66; --focus: #8ab4f8;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.5 system-ui, "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .4rem; background: var(--panel); padding: .3rem .6rem; z-index: 1; }

.top { background: var(--panel); border-bottom: 1px solid var(--line); }
.top > div { max-width: 78rem; margin: 0 auto; padding: .6rem 1.25rem 0; display: flex; flex-wrap: wrap; gap: .1rem 1.5rem;
  align-items: baseline; }
.top .name { font-weight: 650; margin: 0; } .top .name a { color: inherit; text-decoration: none; }
.top .about { color: var(--muted); margin: 0; overflow-wrap: anywhere; }
.top .live { margin: 0 0 0 auto; color: var(--muted); display: flex; gap: .6rem; align-items: baseline; font-size: .9em; }
.top nav { width: 100%; }
.top nav ul { list-style: none; margin: .35rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
.top nav a { display: block; padding: .35rem 0 .45rem; color: var(--muted); text-decoration: none; border-bottom: 2px solid transparent; }
.top nav a:hover { color: var(--text); }
.top nav a[aria-current] { color: var(--text); border-bottom-color: var(--accent); font-weight: 600; }
.top nav .count { color: var(--bad); font-weight: 600; }

main { max-width: 78rem; margin: 0 auto; padding: 1.1rem 1.25rem 4rem; }
h1 { font-size: 1.3rem; line-height: 1.3; font-weight: 650; margin: 0 0 .7rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; line-height: 1.35; font-weight: 650; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 .number { color: var(--muted); font-weight: 400; margin-left: .35rem; }
h3 { font-size: .93rem; margin: 1rem 0 .3rem; overflow-wrap: anywhere; }
p { margin: 0 0 .6rem; max-width: 60rem; } .soft, .none { color: var(--muted); } .none { margin: .2rem 0; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 7px; padding: .8rem 1rem .9rem; margin: 0 0 1rem; }
.panel > :last-child { margin-bottom: 0; }
.columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); align-items: start;
  margin: 0 0 1rem; }
.columns > .panel { margin: 0; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1px; background: var(--line);
  border: 1px solid var(--line);
  border-radius: 7px; overflow: hidden; margin: 0 0 1rem; }
.tile { background: var(--panel); padding: .55rem .8rem .6rem; } .tile dd a { color: inherit; }
.tile dt { color: var(--muted); font-size: .86em; }
.tile dd { margin: 0; font-size: 1.45rem; line-height: 1.25; font-weight: 600; }
.tile .more { font-size: .86em; font-weight: 400; color: var(--muted); line-height: 1.4; }
.tile.bad dd:not(.more) { color: var(--bad); } .tile.wait dd:not(.more) { color: var(--wait); }
.tile.good dd:not(.more) { color: var(--good); }

.plots { display: grid; gap: 1rem 1.75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.plot { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 0 .5rem; }
.plot figcaption { grid-column: 1 / -1; margin-bottom: .25rem; } .plot figcaption strong { font-weight: 600; }
.plot figcaption span { color: var(--muted); }
.plot .axis { display: flex; flex-direction: column; justify-content: space-between; text-align: right; color: var(--muted);
  font-size: .75em; line-height: 1; min-width: 2.6em; }
.plot svg { width: 100%; height: 3.5rem; display: block; }
.plot .span { grid-column: 2; display: flex; justify-content: space-between; color: var(--muted); font-size: .75em; }
.plot .line { stroke: var(--line); fill: none; vector-effect: non-scaling-stroke; }
.bar { fill: var(--bar); } .bar.good { fill: var(--bar-good); } .bar.bad { fill: var(--bar-bad); } .bar.wait { fill: var(--bar-wait); }

.wide { overflow-x: auto; margin: 0 -1rem; padding: 0 1rem; } table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; color: var(--muted); font-size: .86em; white-space: nowrap; }
th, td { padding: .32rem 1.1rem .32rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; } tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: var(--soft); }
td { max-width: 32rem; overflow-wrap: break-word; } td a, td .mono { overflow-wrap: anywhere; }
td:has(> a), td:has(> .mono) { min-width: 9rem; } .number { text-align: right; }
td.number, td.short, .nowrap { white-space: nowrap; overflow-wrap: normal; }
td.actions { text-align: right; white-space: nowrap; } td.actions form, td.actions details { display: inline-block; }
tr.open { background: var(--soft); }

code, pre, .mono { font: .92em/1.45 ui-monospace, "DejaVu Sans Mono", monospace; } code { overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .6rem .8rem; border-radius: 5px; overflow: auto; max-height: 34rem; margin: 0 0 .7rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.state { font-weight: 550; } .good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: .35rem 1.5rem; margin: 0 0 .7rem; }
.facts dt { color: var(--muted); font-size: .86em; } .facts dd { margin: 0; overflow-wrap: anywhere; }
.notice { border: 1px solid var(--line); border-left: 4px solid var(--accent); background: var(--panel); border-radius: 5px;
  padding: .5rem .8rem; margin: 0 0 1rem; max-width: none; }
.notice.bad { border-left-color: var(--bad); color: inherit; } .notice.wait { border-left-color: var(--wait); color: inherit; }
blockquote { margin: .2rem 0 .7rem; padding: .05rem 0 .05rem .8rem; border-left: 3px solid var(--line); white-space: pre-wrap;
  overflow-wrap: anywhere; }
.progress { height: .55rem; width: 100%; background: var(--soft); border-radius: 4px; overflow: hidden; display: block;
  margin: .2rem 0 .5rem; }

button, input, select, textarea { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line);
  border-radius: 5px; padding: .22rem .6rem; }
input, select, textarea { background: var(--ground); min-width: 0; } textarea { width: 100%; }
button { cursor: pointer; background: var(--soft); } button:hover { border-color: var(--muted); } button.danger { color: var(--bad); }
button.link { background: none; border: 0; padding: 0; color: var(--accent); text-decoration: underline; }
form { margin: 0; } form.row, .row { display: flex; flex-wrap: wrap; gap: .4rem .6rem; align-items: center; margin: 0 0 .7rem; }
.field { display: inline-flex; gap: .4rem; align-items: center; }
form.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); gap: .6rem 1rem; align-items: end;
  margin: 0 0 .7rem; }
form.fields label { display: block; } form.fields label span, label .hint { color: var(--muted); font-size: .86em; display: block; }
form.fields input { width: 100%; }
summary { cursor: pointer; }
details.confirm > summary { list-style: none; display: inline-block; border: 1px solid var(--line); border-radius: 5px;
  padding: .22rem .6rem;
  background: var(--soft); color: var(--bad); } details.confirm > summary::-webkit-details-marker { display: none; }
  details.confirm[open] > summary { color: var(--muted); }
details.confirm > form { display: inline-flex; gap: .5rem; align-items: center; margin: .3rem 0 0 .3rem; }
.pages { display: flex; gap: 1.2rem; margin: .6rem 0 0; }
.tabs a[aria-current] { font-weight: 600; color: var(--text); text-decoration: none; }

.tree { font: .92em/1.55 ui-monospace, "DejaVu Sans Mono", monospace; overflow-x: auto; }
.tree ul { list-style: none; margin: 0; padding: 0 0 0 1.15rem; border-left: 1px solid var(--line); }
.tree > ul, .tree > details { border: 0; padding: 0; } .tree .key { color: var(--accent); }
.tree .kind { color: var(--muted); font-size: .9em; }
.tree .text { color: var(--good); overflow-wrap: anywhere; } .tree .word { color: var(--wait); } .tree li { overflow-wrap: anywhere; }
.tree .leaf { padding-left: 1.05rem; }

footer { max-width: 78rem; margin: 0 auto; padding: 0 1.25rem 2rem; color: var(--muted); font-size: .86em; }

@media (max-width: 44rem) {
  main { padding: .8rem .8rem 3rem; } .top > div { padding: .5rem .8rem 0; } .panel { padding: .7rem .8rem .8rem; }
  .top .live { margin-left: 0; }
  .top nav ul { flex-wrap: nowrap; overflow-x: auto; gap: 0 1rem; } .top nav a { white-space: nowrap; padding: .55rem 0; }
  form.row .field { width: 100%; } .field input { flex: 1; }
  button, input, select, details.confirm > summary { padding: .42rem .7rem; } .tiles { grid-template-columns: repeat(2, 1fr); }
  .wide { margin: 0; padding: 0; overflow: visible; } table, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); } tbody tr:last-child { border-bottom: 0; }
  tbody tr:hover { background: none; }
  td, td.number, td.short, td.actions { border: 0; padding: .08rem 0 .08rem 7.5rem; text-align: left; white-space: normal;
    position: relative; max-width: none; min-height: 1.5em; }
  td::before { content: attr(data-label); color: var(--muted); position: absolute; left: 0; width: 7rem; font-size: .86em;
    overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  td:empty { display: none; }
  td:has(> a), td:has(> .mono) { min-width: 0; }
  td.actions { padding-top: .3rem; } td.actions::before { content: none; } td.actions { padding-left: 0; }
}
@media (prefers-reduced-motion: no-preference) { a, button { transition: color .1s, border-color .1s; } }
@media print { .top nav, .live, form, details.confirm { display: none; } body { background: #fff; } }
]]
