/** `4:12`, `1:04:12`, `12 d 1:04:12`; a minus where it is over. */
export function duration(millis: number): string {
  if (!Number.isFinite(millis)) return "–";
  const all = Math.floor(Math.abs(millis) / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const [days, hours, minutes, seconds] = [Math.floor(all / 86_400), Math.floor(all / 3600) % 24, Math.floor(all / 60) % 60, all % 60];
  const clock = days + hours > 0 ? `${String(hours)}:${two(minutes)}:${two(seconds)}` : `${String(minutes)}:${two(seconds)}`;
  return `${millis < 0 && all > 0 ? "−" : ""}${days > 0 ? `${String(days)} d ` : ""}${clock}`;
}

/** The time of day on this device; with the day where it is another one. */
export function clock(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "–";
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? date.toLocaleTimeString() : date.toLocaleString();
}
