import "@angular/compiler"; // Angular's own packages are compiled when they are used here
import { provideZonelessChangeDetection } from "@angular/core";
import { angularCases } from "./angular-cases.js";

angularCases([provideZonelessChangeDetection()]);
