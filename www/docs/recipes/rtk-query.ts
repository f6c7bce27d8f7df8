import { configureStore } from "@reduxjs/toolkit";
import { createApi, fetchBaseQuery } from "@reduxjs/toolkit/query/react";
import { auth } from "./auth";

export const api = createApi({
  // No `prepareHeaders`, no base query around it for 401s.
  baseQuery: fetchBaseQuery({ baseUrl: "https://api.example.com/", fetchFn: auth.fetch }),
  endpoints: (build) => ({
    orders: build.query<{ of: string }, void>({ query: () => "orders" }),
    order: build.query<{ of: string }, number>({ query: (id) => `orders/${id}` }),
  }),
});

export const store = configureStore({
  reducer: { [api.reducerPath]: api.reducer },
  middleware: (middleware) => middleware().concat(api.middleware),
});

// Nothing of one user is left for the next. What is on the screen is asked for anew.
auth.subscribe((_session, { type }) => {
  if (type === "signed-out" || type === "signed-in") store.dispatch(api.util.resetApiState());
});
