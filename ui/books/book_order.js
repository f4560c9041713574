// Book order: the server is told where an entry was moved only once it stays there, however many steps that took.

const SETTLES_AFTER = 300; // ms without another step of the same entry

export class BookOrder {
  constructor() {
    this.tell = /** @type {(id: number) => unknown} */ (() => {});
    this.moved = 0; // id of a moved entry that the server has not been told of; 0: none
    this.settling = 0; // timer
  }
  /** @param {readonly BookRow[]} rows @param {number} id @param {number} to
   * @param {(id: number) => unknown} tell the server where it stands now @returns {readonly BookRow[]} */
  moving(rows, id, to, tell) {
    const moved = rows.find((row) => row.id === id);
    if (!moved) return rows;
    if (this.moved !== id) this.settle();
    Object.assign(this, { moved: id, tell });
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), SETTLES_AFTER);
    return Object.freeze(rows.filter((row) => row !== moved).toSpliced(to, 0, moved));
  }
  async settle() {
    clearTimeout(this.settling);
    const { moved } = this;
    this.moved = 0;
    if (moved) await this.tell(moved);
  }
}
