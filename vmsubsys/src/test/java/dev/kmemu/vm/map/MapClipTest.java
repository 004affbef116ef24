package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.VmObject;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Clipping of entries, and of ranges of them with and without {@code MAP_CLIP_NO_HOLES}. */
class MapClipTest {

  private final MapKernel kernel = new MapKernel();
  private final EntryClipping clipping = kernel.vm.maps().clipping();

  private <T> T locked(Function<EntryReservation, T> action) {
    try (EntryReservation reservation = kernel.vm.maps().reserve().reserve()) {
      kernel.map.lock();
      try {
        return action.apply(reservation);
      } finally {
        kernel.map.unlock();
      }
    }
  }

  private @Nullable VmMapEntry clip(int from, int to, boolean noHoles) {
    VmMapEntry[] first = new VmMapEntry[1];
    locked(
        reservation -> {
          VmMapEntry entry = clipping.clipRange(kernel.map, at(from), at(to), noHoles, reservation);
          if (entry != null) {
            first[0] = entry;
          }
          return true;
        });
    return first[0];
  }

  private void unclip(int from, int to) {
    locked(
        reservation -> {
          VmMapEntry first = kernel.map.lookupEntry(at(from));
          clipping.unclipRange(kernel.map, first, at(from), at(to), reservation);
          return true;
        });
  }

  private String marked() {
    StringBuilder text = new StringBuilder();
    for (VmMapEntry e = kernel.map.first(); e != kernel.map.header(); e = e.next()) {
      text.append(e.has(EntryFlags.IN_TRANSITION) ? 'T' : '-');
    }
    return text.toString();
  }

  @Test
  void aRangeIsCutOutAndMarkedAndBecomesWholeAgain() {
    kernel.anonymous(0, 8);

    assertThat(clip(2, 5, true)).isSameAs(kernel.entry(2));

    assertThat(kernel.layout()).isEqualTo("0-2 2-5 5-8");
    assertThat(marked()).isEqualTo("-T-");
    unclip(2, 5);
    assertThat(kernel.layout()).isEqualTo("0-8");
    kernel.check();
  }

  @Test
  void cuttingMakesAnObjectFirstAndItsPartsShareIt() {
    kernel.anonymous(0, 8);
    clip(2, 5, true);

    VmObject object = kernel.entry(0).object();
    assertThat(object).isNotNull().returns(8L, VmObject::size).returns(3, VmObject::refCount);
    assertThat(kernel.entry(2).object()).isSameAs(object);
    assertThat(kernel.entry(2).offset()).isEqualTo(2 * PAGE);
    assertThat(kernel.entry(5).offset()).isEqualTo(5 * PAGE);
    unclip(2, 5);
    assertThat(object).isNotNull().returns(1, VmObject::refCount);
  }

  @Test
  void aSystemMapGetsNoObjectButItsOffsetsAdvance() {
    kernel.map.setSystemMap();
    kernel.anonymous(0, 8);

    clip(2, 5, true);

    assertThat(kernel.entry(2).object()).isNull();
    assertThat(kernel.entry(5).offset()).isEqualTo(5 * PAGE);
  }

  @Test
  void aStartThatIsNotMappedFindsNothing() {
    kernel.anonymous(2, 4);

    assertThat(clip(1, 4, true)).isNull();
    assertThat(clip(1, 4, false)).isNull();
    kernel.check();
  }

  @Test
  void aHoleUndoesEverythingWhereThereMustBeNone() {
    kernel.anonymous(0, 2);
    kernel.anonymous(3, 6);

    assertThat(clip(1, 5, true)).isNull();

    assertThat(kernel.layout()).isEqualTo("0-2 3-6");
    assertThat(marked()).isEqualTo("--");
    kernel.check();
  }

  @Test
  void aRangeThatEndsInAHoleIsUndoneToo() {
    kernel.anonymous(0, 2);
    kernel.anonymous(6, 8);

    assertThat(clip(1, 5, true)).isNull();

    assertThat(kernel.layout()).isEqualTo("0-2 6-8");
    kernel.check();
  }

  @Test
  void holesMayBeAllowedThenEverythingMappedIsMarked() {
    kernel.anonymous(0, 2);
    kernel.anonymous(3, 6);
    kernel.anonymous(8, 9);

    assertThat(clip(1, 5, false)).isSameAs(kernel.entry(1));

    assertThat(kernel.layout()).isEqualTo("0-1 1-2 3-5 5-6 8-9");
    assertThat(marked()).isEqualTo("-TT--");
    unclip(1, 5);
    assertThat(kernel.layout()).isEqualTo("0-2 3-6 8-9");
    kernel.check();
  }

  @Test
  void anEntryInTransitionIsNotMergedAndTheAttemptIsCounted() {
    kernel.anonymous(0, 4);
    clip(1, 2, true);
    long before = kernel.counter(VmCounter.INTRANS_COLL);

    locked(
        reservation -> {
          VmMapEntry entry = kernel.entry(1);
          new EntryMerging(kernel.vm.objects(), kernel.vm.tokens(), kernel.vm.stats())
              .simplify(kernel.map, entry, reservation);
          return true;
        });

    assertThat(kernel.layout()).isEqualTo("0-1 1-2 2-4");
    assertThat(kernel.counter(VmCounter.INTRANS_COLL)).isEqualTo(before + 1);
    unclip(1, 2);
  }

  @Test
  void endingATransitionThatNeverBeganIsAPanic() {
    kernel.anonymous(0, 4);

    assertThatThrownBy(() -> unclip(0, 4))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("unclip_range: in-transition flag");
    assertThatThrownBy(() -> unclip(1, 4))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("unclip_range: illegal base entry");
  }

  @Test
  void anEntryInTransitionCanNotBeUnlinked() {
    kernel.anonymous(0, 4);
    clip(0, 4, true);

    assertThatThrownBy(() -> kernel.map.unlink(kernel.entry(0)))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("vm_map_entry_unlink: attempt to mess with locked entry!");
    unclip(0, 4);
  }
}
