package dev.kmemu.campaign;

import dev.kmemu.vm.KernelVm;
import org.jspecify.annotations.Nullable;

/** A stage whose scripts run on a kernel VM that can be looked at. */
public interface KernelStage extends Stage {

  /** Returns the kernel VM of the script that was begun last, null when none was. */
  @Nullable KernelVm kernelVm();
}
