import { onClicks, ORDERS, showUser } from "../page/view.js";

onClicks({
  signIn: () => {},
  signOut: () => {},
  orders: () => fetch(ORDERS),
});
showUser();
