// @vitest-environment jsdom
import { createAuth } from "hallpass";
import { expect, test } from "vitest";
import { session } from "../shared/page.cjs";

test("in jsdom, a session begins and ends", () => session(createAuth, expect));
