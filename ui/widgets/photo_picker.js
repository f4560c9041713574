// Photo picker: on its own, as in the profile; the character editor has one among its fields.

import { PhotoChoice } from "photo_choice";

export default PhotoChoice;
