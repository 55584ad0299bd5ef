/** Whether the leader's sheet of drills stands open. */

class DrillSheet {
  open = $state(false);
}

export const drillSheet = new DrillSheet();
