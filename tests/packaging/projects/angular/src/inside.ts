import { Component } from "@angular/core";

@Component({ selector: "app-inside", template: `<output id="inside">inside</output>` })
export class Inside {}
