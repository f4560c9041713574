// Field words: the label, id and tab of each field of the form, and its props besides the value.

export class FieldWords {
  /** @param {{ told: Record<string, any>; options: EditorOptions; limits: Record<string, any>; labels: Labels;
   *   photo_labels: Labels; helps: boolean }} props of the form */
  constructor(props) {
    this.props = props;
  }
  /** @param {string} field with its position, if it is one of several: "examples.0" */
  idOf(field) {
    return `f-${field.replaceAll(".", "-")}`;
  }
  /** @param {string} field */
  tabOf(field) {
    return this.props.options.tabs.find((tab) => tab.fields.includes(field.split(".")[0]))?.name ?? "main";
  }
  /** @param {string} field */
  labelOf(field) {
    const [name, place] = field.split(".");
    const label = /** @type {string} */ (this.props.told[name]?.label ?? this.props.photo_labels.picture);
    return place === undefined ? label : `${label} ${Number(place) + 1}`;
  }
  /** The props of a field with choices. @param {string} name @param {Record<string, string>} errors */
  ofChoice(name, errors) {
    const { label, hint, required } = this.props.told[name];
    return { id: this.idOf(name), label, hint, required, error: errors[name] };
  }
  /** The props of a text field. @param {string} key @param {Record<string, string>} errors */
  ofText(key, errors) {
    const { options, labels, limits } = this.props;
    const { helps, fills, ...told } = this.props.told[key.split(".")[0]];
    const tools = { wishes: this.props.helps && helps ? options.wishes : undefined, macros: fills ? options.macros : undefined };
    return { ...told, ...tools, id: this.idOf(key), error: errors[key], labels, charactersAToken: limits.characters_a_token };
  }
}
