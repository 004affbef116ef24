package dev.kmemu.walk;

import dev.kmemu.emulator.unicorn.LibraryWalk;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Walker equality on the CPU: accesses are made by guest code, and vector, error code, CR2, RIP,
 * the data moved and the entries afterwards are compared with what the Java walk said before. The
 * thread that creates it owns it.
 */
public final class WalkCampaign implements AutoCloseable {

  private final WalkMachine kernel;
  private final WalkMachine user;
  private final WalkBatch kernelBatch;
  private final WalkBatch userBatch;
  private final @Nullable LibraryWalk kernelWalk;
  private final @Nullable LibraryWalk userWalk;

  /**
   * Creates a machine for each ring.
   *
   * @param onDifference is told of every difference
   */
  public WalkCampaign(Unicorn unicorn, Consumer<Difference> onDifference) {
    kernel = new WalkMachine(unicorn, false);
    user = new WalkMachine(unicorn, true);
    kernelBatch = new WalkBatch(kernel, onDifference);
    userBatch = new WalkBatch(user, onDifference);
    kernelWalk = LibraryWalk.of(unicorn, kernel.cpu()).orElse(null);
    userWalk = LibraryWalk.of(unicorn, user.cpu()).orElse(null);
  }

  /** Tries all combinations of {@code source} under {@code controls}; returns how many. */
  public long run(Controls controls, EntrySource source) {
    return run(controls, source, Long.MAX_VALUE);
  }

  /** The same, ending once there were {@code enough}. */
  public long run(Controls controls, EntrySource source, long enough) {
    return run(controls, source, enough, null);
  }

  /** Whether the library can say where an address leads. */
  public boolean hasLibraryWalk() {
    return kernelWalk != null;
  }

  /** As {@link #run}, and asks the library first where the addresses lead. */
  public long runWithLibrary(Controls controls, EntrySource source, long enough) {
    return run(controls, source, enough, controls.user() ? userWalk : kernelWalk);
  }

  private long run(
      Controls controls, EntrySource source, long enough, @Nullable LibraryWalk library) {
    WalkBatch batch = controls.user() ? userBatch : kernelBatch;
    (controls.user() ? user : kernel).set(controls.mode(WalkLayout.PML4));
    long done = 0;
    while (done < enough) {
      int accesses = batch.fill(controls, source);
      if (accesses == 0) {
        break;
      }
      if (library != null) {
        batch.compareWith(library);
      }
      batch.runAndCompare();
      done += accesses;
    }
    return done;
  }

  @Override
  public void close() {
    if (kernelWalk != null && userWalk != null) {
      kernelWalk.close();
      userWalk.close();
    }
    kernel.close();
    user.close();
  }
}
