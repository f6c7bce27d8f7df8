/** What an axios instance does in both pages: with progress, which XMLHttpRequest alone can tell of an upload. */
export function byAxios(client) {
  const watched = { adapter: "xhr", onDownloadProgress: () => {}, onUploadProgress: () => {} };
  return {
    download: async (url) => (await client.get(url, { ...watched, responseType: "blob" })).data.size,
    upload: async (url, body) => (await client.post(url, body, watched)).data,
  };
}
