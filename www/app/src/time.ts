const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayAndMinute = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** `hh:mm:ss`. */
export function clockTime(at: number): string {
  return clock.format(at);
}

/** `hh:mm:ss`, with the day in front where it is not today. */
export function moment(at: number): string {
  return isToday(at) ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
}

/** Hours and minutes, with the day in front where it is not today. */
export function dateTime(at: number): string {
  return isToday(at) ? minute.format(at) : dayAndMinute.format(at);
}

/** A span as a countdown: `4:07`, `1:02:33`, `12 d 3 h`. Never negative. */
export function countdown(span: number): string {
  const seconds = Math.max(0, Math.ceil(span / 1000));
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${pad(minutes, hours > 0)}:${pad(seconds % 60, true)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

function isToday(at: number): boolean {
  return new Date().toDateString() === new Date(at).toDateString();
}

function pad(value: number, wide: boolean): string {
  return wide ? String(value).padStart(2, "0") : String(value);
}
