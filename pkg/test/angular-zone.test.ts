import "zone.js";
import "@angular/compiler"; // Angular's own packages are compiled when they are used here
import { provideZoneChangeDetection } from "@angular/core";
import { angularCases } from "./angular-cases.js";

angularCases([provideZoneChangeDetection()]);
