/** A name for people, from what a browser says of itself. A guess: good enough to tell one's own devices apart. */
export function deviceName(userAgent: string): string {
  const browser = first(userAgent, [
    [/Edg\//, "Edge"],
    [/OPR\//, "Opera"],
    [/Firefox\//, "Firefox"],
    [/Chrom(e|ium)\//, "Chrome"],
    [/Safari\//, "Safari"],
  ]);
  const system = first(userAgent, [
    [/Android/, "Android"],
    [/iPhone|iPad/, "iOS"],
    [/Windows/, "Windows"],
    [/Mac OS X/, "macOS"],
    [/Linux|X11/, "Linux"],
  ]);
  if (browser === null) return system ?? "Unknown device";
  return system === null ? browser : `${browser} on ${system}`;
}

export function isPhone(userAgent: string): boolean {
  return /Android|iPhone|Mobile/.test(userAgent);
}

function first(text: string, names: readonly (readonly [RegExp, string])[]): string | null {
  return names.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
