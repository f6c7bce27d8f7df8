/** Import before anything of src/: records what the facade's captured `fetch` is called with, and answers 200. */
export const sent: { input: unknown; init: RequestInit | undefined }[] = [];

globalThis.fetch = (input, init) => {
  sent.push({ input, init });
  return Promise.resolve(new Response("{}"));
};
