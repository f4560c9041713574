// Heat map: activity by hour and weekday, as a table whose cells are coloured, and read aloud as numbers.

import { defineComponent } from "vue";

export default defineComponent({
  props: { caption: String, days: Array, heat: Array },
  template: `
    <table class="admin-heat">
      <caption class="visually-hidden">{{ caption }}</caption>
      <thead><tr><td></td><th v-for="hour in 24" :key="hour" scope="col">{{ hour - 1 }}</th></tr></thead>
      <tbody>
        <tr v-for="(row, day) in heat" :key="day">
          <th scope="row">{{ days[day] }}</th>
          <td v-for="(count, hour) in row" :key="hour" :style="{ '--heat': most ? count / most : 0 }" :title="days[day] + ', ' + hour + ':00 — ' + count">
            <span class="visually-hidden">{{ count }}</span>
          </td>
        </tr>
      </tbody>
    </table>`,
  computed: {
    most() {
      return Math.max(0, ...this.heat.flat());
    },
  },
});
