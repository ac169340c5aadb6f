"""How the page looks, in light and in dark. Colour is never the only sign of anything."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #1b1f24; --faint: #59636e; --line: #d1d9e0; --raised: #f6f8fa;
  --error: #c8102e; --warning: #8a5a00; --note: #0757a8; --good: #14692f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --text: #e6edf3; --faint: #9198a1; --line: #3d444d; --raised: #161b22;
    --error: #ff6b6b; --warning: #e3b341; --note: #79c0ff; --good: #56d364;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.2rem; margin-bottom: 0; } h3 { font-size: 1rem; margin: 1.2rem 0 0.3rem; }
section { border-top: 1px solid var(--line); margin-top: 1.5rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.875em; }
pre { background: var(--raised); border: 1px solid var(--line); margin: 0.3rem 0; padding: 0.5rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; }
ol, ul { margin: 0; padding: 0; list-style: none; }
.faint { color: var(--faint); }
.error, .fail { color: var(--error); } .warning, .unverified { color: var(--warning); }
.info { color: var(--note); } .good, .pass { color: var(--good); }
.error, .warning, .info, .fail, .pass, .unverified { font-weight: 600; }
.machine, .way { display: flex; flex-wrap: wrap; gap: 0.3rem; align-items: center; }
.state { border: 1px solid var(--line); border-radius: 1rem; padding: 0 0.6rem; color: var(--faint); }
.state.seen { color: var(--text); border-color: var(--text); }
.state.now { background: var(--text); color: var(--ground); border-color: var(--text); }
.way { margin-top: 0.3rem; }
.way .illegal, .way .illegal .state { color: var(--error); border-color: var(--error); font-weight: 600; }
.timeline { border-left: 2px solid var(--line); padding-left: 1rem; }
.timeline li { position: relative; }
.timeline li::before { content: ""; position: absolute; left: -1.4rem; top: 0.45rem; width: 0.7rem; height: 0.7rem;
  border-radius: 50%; background: var(--faint); }
.timeline li.struck::before { background: var(--error); border-radius: 0; }
.finding { margin: 0.8rem 0; }
mark { background: none; color: var(--error); text-decoration: underline wavy; }
summary { cursor: pointer; }
"""
