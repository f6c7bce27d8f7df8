/** Prints what was measured: ratios are for reading, the times are those of this machine. */

/** `rounds`: for each, by name, when the first request was sent and the page first painted. */
export function printStarts(slowdown, names, rounds) {
  const of = (name, key) => rounds.map((round) => round[name][key]);
  const over = (name, key) => rounds.map((round) => round[name][key] - round.empty[key]);
  const reference = median(over("auth0-spa-js", "sent"));
  const others = names.filter((name) => name !== "empty");

  heading(`Cold start, ${slowdown}x throttle: ms to the first authorized request (empty page: ${spread(of("empty", "sent"))})`);
  row("", "", "over the empty page", "of auth0-spa-js");
  for (const name of others) {
    row(name, spread(of(name, "sent")), spread(over(name, "sent")), ratio(median(over(name, "sent")), reference));
  }
  heading(`First paint, ${slowdown}x throttle, ms (empty page: ${spread(of("empty", "painted"))})`);
  for (const name of others) row(name, spread(of(name, "painted")), spread(over(name, "painted")), "");
}

/** `measured`: by name, for each round, the first call's time and that of the next ones. */
export function printFirstCalls(size, measured) {
  heading(`First calls of decoders, ${size} bytes`);
  const of = (name, key) => measured[name].map((round) => round[key] / 1e3);
  const reference = (key) => median(of("jose", key));
  for (const name of Object.keys(measured)) {
    const [first, next] = [of(name, "first"), of(name, "next")];
    row(name, `${spread(first)} µs`, `next ten: ${spread(next)} µs`);
    row("", ratio(median(first), reference("first")), ratio(median(next), reference("next")));
  }
}

/** Ratios against the first of each group. */
export function printHotPaths(groups) {
  for (const { title, results } of groups) {
    heading(title);
    for (const { name, nanos } of results) row(name, time(nanos), ratio(nanos, results[0].nanos));
  }
}

/** `measured`: by name, for each round, what the transfers took and the peak of memory. Each beside the client without hallpass. */
export function printTransfers(measured) {
  heading("80 MB down and up, unauthorized and renewFrom set: ms, and the peak of the page's process in MB");
  for (const plain of ["fetch", "axios"]) {
    const of = (name) => ({
      down: measured[name].flatMap(({ down }) => down),
      up: measured[name].flatMap(({ up }) => up),
      peak: measured[name].map(({ peakBytes }) => peakBytes / 1e6),
    });
    const reference = of(plain);
    for (const name of [plain, `hallpass-${plain}`]) {
      for (const [what, values] of Object.entries(of(name))) {
        row(what === "down" ? name : "", what, spread(values), ratio(median(values), median(reference[what])));
      }
    }
  }
}

function heading(text) {
  console.log(`\n${text}`);
}

function row(name, ...cells) {
  console.log(`  ${name.padEnd(28)}${cells.map((cell) => cell.padStart(32)).join("")}`);
}

function time(nanos) {
  return nanos < 1e6 ? `${(nanos / 1e3).toFixed(2)} µs` : `${(nanos / 1e6).toFixed(2)} ms`;
}

function ratio(value, reference) {
  return `${(value / reference).toFixed(2)} ×`;
}

/** The median and, in brackets, the quartiles. */
function spread(values) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(values, part).toFixed(1));
  return `${middle} (${low}–${high})`;
}

function median(values) {
  return quantile(values, 0.5);
}

function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}
