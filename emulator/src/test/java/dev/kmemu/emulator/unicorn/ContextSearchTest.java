package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContextSearchTest {

  private static final int PRIORITY = 10;
  private static final int WRITE = 2;
  private static final int WRITE_PRESENT = 3;
  private static final int PAGE_FAULT = 14;
  private static final long EFER = 0xD01;
  private static final int EFER_OFFSET = 560;

  /** A context whose parts lie where a release puts them. */
  private record Release(int size, int registers, int errorCode, int oldException) {

    byte[] context(int error, int exception) {
      ByteBuffer blob = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < ContextSearch.MARKED; i++) {
        blob.putLong(registers + i * Long.BYTES, ContextSearch.MARKER + i);
      }
      blob.putLong(registers + EFER_OFFSET, EFER);
      blob.putInt(errorCode, error);
      blob.putInt(oldException, exception);
      return blob.array();
    }

    byte[] before() {
      return context(0, -1);
    }

    byte[] first() {
      return context(WRITE, PAGE_FAULT);
    }

    byte[] second() {
      return context(WRITE_PRESENT, PAGE_FAULT);
    }
  }

  private static final Release RELEASE = new Release(5608, 40, 5424, 5536);

  @ParameterizedTest(name = "{0}")
  @CsvSource({"2.1.1, 5552, 20, 5372, 5484", "2.1.4, 5608, 40, 5424, 5536"})
  void theLayoutOfEachReleaseIsFound(
      String release, int size, int registers, int errorCode, int oldException) {
    Release blobs = new Release(size, registers, errorCode, oldException);
    byte[] raised = blobs.before();
    raised[registers + 700] = PRIORITY;
    ContextLayout layout =
        new ContextSearch(blobs.before(), blobs.first())
            .layout(blobs.second(), blobs.before(), raised, PRIORITY, EFER);
    assertThat(layout)
        .isEqualTo(
            new ContextLayout(
                size,
                registers,
                errorCode,
                oldException,
                registers + 700,
                registers + EFER_OFFSET));
    assertThat(layout.rip()).isEqualTo(registers + 128);
    assertThat(layout.rflags()).isEqualTo(registers + 136);
    assertThat(layout.hflags()).isEqualTo(registers + 176);
    assertThat(layout.cs()).isEqualTo(registers + 184 + 24);
    assertThat(layout.ss()).isEqualTo(registers + 184 + 48);
    assertThat(layout.cr2()).isEqualTo(registers + 424 + 16);
  }

  @Test
  void aTaskPriorityThatCannotBeToldApartIsAbsent() {
    byte[] raised = RELEASE.before();
    raised[2000] = PRIORITY;
    raised[2001] = PRIORITY;
    raised[2002] = PRIORITY;
    ContextLayout layout =
        new ContextSearch(RELEASE.before(), RELEASE.first())
            .layout(RELEASE.second(), RELEASE.before(), raised, PRIORITY, EFER);
    assertThat(layout.taskPriority()).isEqualTo(-1);
  }

  @Test
  void aContextWithoutTheRegistersIsRefused() {
    assertThatThrownBy(() -> new ContextSearch(new byte[5608], new byte[5608]))
        .isInstanceOf(UnicornException.class)
        .hasMessage("general registers isn't in the context of 5608 bytes");
  }

  @Test
  void aContextWithTwoCandidatesIsRefusedWithBoth() {
    byte[] before = RELEASE.before();
    byte[] first = RELEASE.first();
    ByteBuffer.wrap(before).order(ByteOrder.LITTLE_ENDIAN).putInt(3000, -1);
    ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).putInt(3000, PAGE_FAULT);
    assertThatThrownBy(() -> new ContextSearch(before, first))
        .isInstanceOf(UnicornException.class)
        .hasMessage("old exception is ambiguous: offsets 3000 and 5536 of the context");
  }

  @Test
  void aContextThatEndsRightBehindTheRegistersIsRefused() {
    Release whole = new Release(650, 40, 120, 124);
    byte[] before = Arrays.copyOf(whole.before(), 200);
    byte[] first = Arrays.copyOf(whole.first(), 200);
    assertThatThrownBy(() -> new ContextSearch(before, first))
        .isInstanceOf(UnicornException.class)
        .hasMessageContaining("at 40 of a context of 200 bytes");
  }

  @Test
  void anErrorCodeThatStaysTheSameIsNotOne() {
    assertThatThrownBy(
            () ->
                new ContextSearch(RELEASE.before(), RELEASE.first())
                    .layout(RELEASE.first(), RELEASE.before(), RELEASE.before(), PRIORITY, EFER))
        .isInstanceOf(UnicornException.class)
        .hasMessageStartingWith("error code isn't in the context");
  }
}
