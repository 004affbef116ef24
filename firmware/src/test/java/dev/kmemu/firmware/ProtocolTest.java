package dev.kmemu.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.firmware.BootBlock.Kind;
import dev.kmemu.firmware.BootBlock.Range;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The Java view and the assembly must name the same numbers. */
class ProtocolTest {

  private final Map<String, Long> assembly = FirmwareImage.selfTest().constants();

  @Test
  void portsAreThoseOfTheAssembly() {
    assertThat(assembly)
        .containsEntry("PORT_CONSOLE", (long) FirmwarePorts.CONSOLE)
        .containsEntry("PORT_EXIT", (long) FirmwarePorts.EXIT)
        .containsEntry("PORT_REPORT", (long) FirmwarePorts.REPORT)
        .containsEntry("PORT_ROUND", (long) FirmwarePorts.ROUND);
  }

  @Test
  void everyEventHasTheCodeOfTheAssembly() {
    for (SelfTestEvent event : SelfTestEvent.values()) {
      assertThat(assembly).containsEntry("EVENT_" + event, (long) event.code());
      assertThat(SelfTestEvent.ofCode(event.code())).contains(event);
    }
    assertThat(namesWithPrefix("EVENT_")).hasSize(SelfTestEvent.values().length);
    assertThat(SelfTestEvent.ofCode(0)).isEmpty();
    assertThat(SelfTestEvent.ofCode(SelfTestEvent.values().length + 1)).isEmpty();
  }

  @Test
  void everyStatusHasTheCodeOfTheAssembly() {
    for (SelfTestStatus status : SelfTestStatus.values()) {
      assertThat(assembly).containsEntry("STATUS_" + status, (long) status.code());
      assertThat(SelfTestStatus.ofCode(status.code())).contains(status);
    }
    assertThat(namesWithPrefix("STATUS_")).hasSize(SelfTestStatus.values().length);
    assertThat(SelfTestStatus.ofCode(-1)).isEmpty();
    assertThat(SelfTestStatus.ofCode(SelfTestStatus.values().length)).isEmpty();
  }

  @Test
  void everyRangeKindHasTheCodeOfTheAssembly() {
    for (Kind kind : Kind.values()) {
      assertThat(assembly).containsEntry("RANGE_" + kind, (long) kind.code());
    }
  }

  @Test
  void theBootBlockLiesInMemoryWhereTheGuestReadsIt() {
    Range wired = new Range(0xFFFFFFE000000000L, 0x2000, Kind.WIRED);
    Range unmapped = new Range(0xFFFFFFE000400000L, 8, Kind.UNMAPPED);
    ByteBuffer block =
        ByteBuffer.wrap(new BootBlock(List.of(wired, unmapped)).toBytes())
            .order(ByteOrder.LITTLE_ENDIAN);

    assertThat(block.getLong(offset("BOOT_OFFSET_MAGIC"))).isEqualTo(assembly.get("BOOT_MAGIC"));
    assertThat(block.getInt(offset("BOOT_OFFSET_VERSION"))).isEqualTo(offset("BOOT_VERSION"));
    assertThat(block.getInt(offset("BOOT_OFFSET_COUNT"))).isEqualTo(2);
    int second = offset("BOOT_HEADER_BYTES") + offset("RANGE_BYTES");
    assertThat(block.getLong(second + offset("RANGE_OFFSET_START"))).isEqualTo(unmapped.start());
    assertThat(block.getLong(second + offset("RANGE_OFFSET_LENGTH"))).isEqualTo(8);
    assertThat(block.getInt(second + offset("RANGE_OFFSET_KIND"))).isEqualTo(3);
    assertThat(block.capacity()).isEqualTo(second + offset("RANGE_BYTES"));
    assertThat(new String(block.array(), 0, 8, StandardCharsets.US_ASCII)).isEqualTo("KMEMUBB1");
  }

  @Test
  void aRangeTheGuestWouldRefuseCannotBeBuilt() {
    assertThatThrownBy(() -> new Range(4, 8, Kind.WIRED)).hasMessageContaining("0x4+0x8");
    assertThatThrownBy(() -> new Range(0, 0, Kind.WIRED)).hasMessageContaining("length > 0");
    assertThatThrownBy(() -> new Range(0, 12, Kind.WIRED)).hasMessageContaining("multiples of 8");
    assertThatThrownBy(() -> new Range(-8, 16, Kind.WIRED)).hasMessageContaining("wraps");
    assertThat(new Range(-8, 8, Kind.WIRED).start()).isEqualTo(-8);
  }

  @Test
  void thePatternIsTheOneTheGuestWrites() {
    assertThat(SelfTestPattern.KEY).isEqualTo(assembly.get("PATTERN_KEY"));
    assertThat(SelfTestPattern.valueAt(0xFFFFFFE000000000L) ^ 0xFFFFFFE000000000L)
        .isEqualTo(assembly.get("PATTERN_KEY"));
  }

  @Test
  void reportFieldsLieWhereTheGuestWritesThem() {
    ByteBuffer record = ByteBuffer.allocate(offset("REPORT_BYTES")).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(offset("REPORT_OFFSET_EVENT"), offset("EVENT_EXPECTED_FAULT"));
    record.putInt(offset("REPORT_OFFSET_DETAIL"), 14);
    record.putLong(offset("REPORT_OFFSET_KVA"), 0xFFFFFFE000400000L);
    record.putLong(offset("REPORT_OFFSET_VALUE"), 2);
    record.putLong(offset("REPORT_OFFSET_EXPECTED"), 3);
    record.putLong(offset("REPORT_OFFSET_RIP"), 4);
    record.putLong(offset("REPORT_OFFSET_SEQUENCE"), 5);
    assertThat(SelfTestReport.decode(record.array()))
        .isEqualTo(
            new SelfTestReport(SelfTestEvent.EXPECTED_FAULT, 14, 0xFFFFFFE000400000L, 2, 3, 4, 5));
    assertThat(assembly).containsEntry("REPORT_RECORDS", (long) SelfTestReport.RECORDS);
    assertThat(SelfTestReport.BYTES).isEqualTo(offset("REPORT_BYTES"));
  }

  @Property(tries = 100)
  void aReportSurvivesItsBytes(
      @ForAll SelfTestEvent event, @ForAll int detail, @ForAll long kva, @ForAll long value) {
    SelfTestReport report = new SelfTestReport(event, detail, kva, value, ~value, -kva, 9);
    assertThat(SelfTestReport.decode(report.toBytes())).isEqualTo(report);
  }

  @Property(tries = 50)
  void aReportIndexIsAnOffsetIntoTheArray(
      @ForAll @IntRange(max = SelfTestReport.RECORDS - 1) int index) {
    assertThat(SelfTestReport.offset(index)).isEqualTo(48L * index);
    assertThatThrownBy(() -> SelfTestReport.offset(~index)).hasMessageContaining("0 to 63");
  }

  @Test
  void bytesThatAreNoReportAreRefused() {
    assertThatThrownBy(() -> SelfTestReport.decode(new byte[47])).hasMessageContaining("48 bytes");
    assertThatThrownBy(() -> SelfTestReport.decode(new byte[48])).hasMessageContaining("code 0");
  }

  private int offset(String name) {
    return Math.toIntExact(Objects.requireNonNull(assembly.get(name), name));
  }

  private List<String> namesWithPrefix(String prefix) {
    return assembly.keySet().stream().filter(name -> name.startsWith(prefix)).toList();
  }
}
