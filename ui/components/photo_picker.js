// A photo by itself, as in the profile; the editor of a character has one among its fields.

import { PhotoChoice } from "photo_choice";

export default PhotoChoice;
