// The script of a page that asks nothing and says in several languages why: the browser's language first. ES5.
import { lead } from "./lead";

lead();
