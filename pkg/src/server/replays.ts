/**
 * Which texts were seen within the last `seconds`: at least so long, at most twice that. What is remembered is bounded
 * by how many verified requests come in that time.
 */
export function createReplays(seconds: number): (text: string) => boolean {
  let [current, before] = [new Set<string>(), new Set<string>()];
  let started = Date.now();
  return (text) => {
    const age = Date.now() - started;
    if (age > seconds * 1000) {
      before = age > 2 * seconds * 1000 ? new Set() : current;
      [current, started] = [new Set(), Date.now()];
    }
    if (current.has(text) || before.has(text)) return true;
    current.add(text);
    return false;
  };
}
