/** Tells the server what came of this page. Not by `fetch`, which may be a stub here. */
export function report(outcome) {
  const request = new XMLHttpRequest();
  request.open("POST", "/report");
  request.send(JSON.stringify(outcome));
}

/** Reports what `measure` gives, or what it throws. */
export async function reporting(measure) {
  try {
    report(await measure());
  } catch (error) {
    report({ error: String(error), stack: error.stack });
  }
}
