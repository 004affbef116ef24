package dev.kmemu.emulator.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.boot.BootImages.Format;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Good images of each format: what the kernel finds in RAM and in registers. */
class BootImagesTest {

  private final PhysicalMemory ram =
      new PhysicalMemory(new AnonymousMapping(BootImageFixture.RAM_BYTES));

  @AfterEach
  void close() {
    ram.close();
  }

  private int int8(long at) {
    return ram.load8(new PhysicalAddress(at));
  }

  private int int32(long at) {
    return ram.load32(new PhysicalAddress(at));
  }

  private long int64(long at) {
    return ram.load64(at);
  }

  private String text(long at) {
    StringBuilder text = new StringBuilder();
    for (long i = at; int8(i) != 0; i++) {
      text.append((char) int8(i));
    }
    return text.toString();
  }

  private Loaded load(byte[] image, BootRequest request) {
    return BootImageFixture.parse(image).load(ram, request);
  }

  private static BootModule module(String name, String arguments, String contents) {
    return new BootModule(name, arguments, contents.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void aMultibootKernelFindsItselfItsBssAndItsEntry() {
    ram.store32(new PhysicalAddress(0x10_0200), -1);
    Loaded loaded = load(BootImageFixture.multiboot(), BootRequest.none());

    assertThat(loaded.entry()).isInstanceOf(EntryState.Multiboot.class);
    assertThat(((EntryState.Multiboot) loaded.entry()).eip()).isEqualTo(0x10_0100);
    assertThat(int8(0x10_0100)).isEqualTo(0xF4);
    assertThat(int32(0x10_0200)).as("bss").isZero();
  }

  @Test
  void aMultibootKernelFindsAllThatItsFlagsPromise() {
    BootRequest request =
        new BootRequest(
            "root=x",
            Optional.empty(),
            List.of(module("one", "a=1", "first"), module("two", "", "second")));
    Loaded loaded = load(BootImageFixture.multiboot(), request);
    long info = ((EntryState.Multiboot) loaded.entry()).info();

    assertThat(info).as("clear of 0x8000-0xDFFF").isGreaterThanOrEqualTo(0xE000);
    assertThat(int32(info)).as("flags").isEqualTo(0x124D);
    assertThat(int32(info + 4)).as("mem_lower").isEqualTo(639);
    assertThat(int32(info + 8)).as("mem_upper").isEqualTo(15 * 1024);
    assertThat(text(int32(info + 16))).isEqualTo("image root=x");
    assertThat(text(int32(info + 64))).isEqualTo("kmemu");
    assertThat(int64(info + 88)).as("framebuffer").isEqualTo(0xB8000);
    assertThat(int8(info + 109)).as("EGA text").isEqualTo(2);

    assertThat(int32(info + 20)).isEqualTo(2);
    long first = int32(info + 24);
    assertThat(text(int32(first + 8))).isEqualTo("one a=1");
    assertThat(int32(first + 4) - int32(first)).isEqualTo(5);
    assertThat(int32(first) % 4096).isZero();
    assertThat(int8(int32(first))).isEqualTo('f');
    assertThat(text(int32(first + 24))).isEqualTo("two");
    assertThat(int8(int32(first + 16))).isEqualTo('s');
  }

  @Test
  void aMultibootMemoryMapCoversRamAndLeavesTheHoleOut() {
    long info =
        ((EntryState.Multiboot) load(BootImageFixture.multiboot(), BootRequest.none()).entry())
            .info();
    long usable = 0;
    long at = int32(info + 48);
    long end = at + int32(info + 44);
    while (at < end) {
      if (int32(at + 20) == 1) {
        usable += int64(at + 12);
        assertThat(int64(at + 4) + int64(at + 12))
            .satisfiesAnyOf(
                top -> assertThat(top).isEqualTo(ram.size()),
                top -> assertThat(top).isLessThanOrEqualTo(0xA_0000));
      }
      at += int32(at) + 4L;
    }
    assertThat(at).as("sizes lead to the end").isEqualTo(end);
    assertThat(usable).isEqualTo(ram.size() - (1 << 20) + 0x9_FC00);
  }

  @Test
  void aMultibootElfKernelFindsItsSections() {
    Loaded loaded = load(BootImageFixture.multibootElf(), BootRequest.none());
    EntryState.Multiboot entry = (EntryState.Multiboot) loaded.entry();
    long info = entry.info();

    assertThat(entry.eip()).isEqualTo(0x10_0010);
    assertThat(int32(info) & 0x20).isEqualTo(0x20);
    assertThat(int32(info + 28)).as("num").isEqualTo(3);
    assertThat(int32(info + 32)).as("size").isEqualTo(40);
    assertThat(int32(info + 40)).as("shndx").isEqualTo(2);
    long names = int32(info + 36) + 80L;
    assertThat(text(int32(names + 12))).as("loaded beside the image").isEqualTo(".text");
  }

  @Test
  void aPvhKernelFindsItsStartInfo() {
    BootRequest request =
        new BootRequest("quiet", Optional.of(module("initrd", "", "cpio")), List.of());
    Loaded loaded = load(BootImageFixture.pvh(), request);
    EntryState.Pvh entry = (EntryState.Pvh) loaded.entry();
    long info = entry.startInfo();

    assertThat(entry.eip()).isEqualTo(0x10_0008);
    assertThat(int32(info)).isEqualTo(0x336EC578);
    assertThat(int32(info + 4)).isOne();
    assertThat(int32(info + 12)).as("modules").isOne();
    assertThat(int8(int64(int64(info + 16)))).isEqualTo('c');
    assertThat(int64(int64(info + 16) + 8)).isEqualTo(4);
    assertThat(text(int64(info + 24))).isEqualTo("quiet");
    assertThat(int32(info + 48)).as("memory map entries").isEqualTo(4);
    assertThat(int64(int64(info + 40) + 8)).isEqualTo(0x9_FC00);
  }

  @Test
  void aLinuxKernelFindsItsZeroPage() {
    BootRequest request =
        new BootRequest("console=ttyS0", Optional.of(module("i", "", "cpio")), List.of());
    Loaded loaded = load(BootImageFixture.linux(), request);
    EntryState.Linux64 entry = (EntryState.Linux64) loaded.entry();
    long page = entry.zeroPage();

    assertThat(entry.rip()).isEqualTo(0x20_0200);
    assertThat(int8(0x20_0200)).as("the byte at its 64-bit entry").isEqualTo(0xF4);
    assertThat(int32(page + 0x202)).isEqualTo(0x53726448);
    assertThat(int8(page + 0x210)).as("type_of_loader").isEqualTo(0xFF);
    assertThat(text(int32(page + 0x228))).isEqualTo("console=ttyS0");
    assertThat(int8(int32(page + 0x218))).isEqualTo('c');
    assertThat(int32(page + 0x21C)).isEqualTo(4);
    assertThat(int8(page + 0x1E8)).as("e820").isEqualTo(4);
    assertThat(int64(page + 0x2D0 + 8)).isEqualTo(0x9_FC00);
    assertThat(int64(entry.gdt() + 0x10)).isEqualTo(0x00AF_9B00_0000_FFFFL);
  }

  @Test
  void theIdentityMapReaches4Gib() {
    long cr3 =
        ((EntryState.Linux64) load(BootImageFixture.linux(), BootRequest.none()).entry()).cr3();
    long directories = int64(int64(cr3) & -4096) & -4096;
    assertThat(int64(directories + 511 * 8) & ~0xFFFL).isEqualTo(511L << 21);
    long last = int64((int64(cr3) & -4096) + 3 * 8) & -4096;
    assertThat(int64(last + 511 * 8) & ~0xFFFL).isEqualTo(0xFFE0_0000L);
  }

  @Test
  void flatImagesGoWhereTheyAreToldOrWhereTheirModeSays() {
    byte[] code = {(byte) 0xF4};
    Loaded real =
        BootImages.parse("f", code, Format.FLAT16, OptionalLong.empty())
            .load(ram, BootRequest.none());
    assertThat(real.entry()).isEqualTo(new EntryState.Real(0, 0x7C00));
    Loaded high =
        BootImages.parse("f", code, Format.FLAT16, OptionalLong.of(0x2_1234))
            .load(ram, BootRequest.none());
    assertThat(high.entry()).isEqualTo(new EntryState.Real(0x2000, 0x1234));
    Loaded wide =
        BootImages.parse("f", code, Format.FLAT32, OptionalLong.empty())
            .load(ram, BootRequest.none());
    assertThat(wide.entry()).isEqualTo(new EntryState.Protected32(0x10_0000));
    assertThat(int8(0x10_0000)).isEqualTo(0xF4);
  }

  private static byte[] compressed(byte[] image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(image);
    }
    return bytes.toByteArray();
  }

  @Test
  void aCompressedImageIsUnpackedUpToALimit() throws IOException {
    byte[] bytes = compressed(BootImageFixture.multiboot());
    assertThat(BootImageFixture.parse(bytes).format()).startsWith("Multiboot");
    ImageFile file = new ImageFile("big.gz", bytes);
    assertThat(Gzip.unpacked(file, 0x200).size()).isEqualTo(0x200);
    assertThatThrownBy(() -> Gzip.unpacked(file, 0x1FF))
        .isInstanceOf(GuestImageException.class)
        .hasMessageContaining("more than 511 bytes");
  }

  @Test
  void aCompressedImageThatEndsTooEarlySaysSo() throws IOException {
    byte[] bytes = compressed(BootImageFixture.multiboot());
    for (int length : new int[] {3, 12, bytes.length - 12, bytes.length - 4, bytes.length - 1}) {
      assertThatThrownBy(() -> BootImageFixture.parse(Arrays.copyOf(bytes, length)))
          .as("%d bytes", length)
          .isInstanceOf(GuestImageException.class)
          .hasMessageContaining("is compressed by gzip, but ends too early");
    }
  }

  @Test
  void aCompressedFlatImageIsUnpackedToo() throws IOException {
    BootImages.parse("f", compressed(new byte[] {(byte) 0xF4}), Format.FLAT32, OptionalLong.empty())
        .load(ram, BootRequest.none());
    assertThat(int8(0x10_0000)).isEqualTo(0xF4);
  }

  /** pop ds; mov ecx, [ecx]: gzip has one method only, and it isn't 9. */
  @Test
  void codeThatOnlyBeginsAsGzipDoesIsCode() {
    byte[] code = {0x1F, (byte) 0x8B, 9, (byte) 0xF4};
    BootImages.parse("f", code, Format.FLAT32, OptionalLong.empty()).load(ram, BootRequest.none());
    assertThat(int8(0x10_0003)).isEqualTo(0xF4);
  }

  @Test
  void whatDoesNotFitSaysWhoNeedsHowMuchWhere() {
    byte[] image = BootImageFixture.linux();
    image[0x263] = 0x02; // init_size = 32 MiB and a little
    assertThatThrownBy(() -> load(image, BootRequest.none()))
        .isInstanceOf(GuestImageException.class)
        .hasMessageContainingAll("kernel needs RAM at", "[0x0, 0x1000000)", "give it at least");
  }

  /** Its 64-bit entry would move itself up to the preferred address, out of RAM. */
  @Test
  void aRelocatableKernelIsNotPutBelowItsPreferredAddress() {
    byte[] image = BootImageFixture.linux();
    ByteBuffer.wrap(image)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0x258, 0xFF_F800)
        .putInt(0x260, 0x1000);
    assertThatThrownBy(() -> load(image, BootRequest.none()))
        .isInstanceOf(GuestImageException.class)
        .hasMessageContainingAll("kernel needs RAM at [0xfff800, ", "give it at least");
  }

  @Test
  void whatAFormatDoesNotTakeIsRefused() {
    BootModule extra = module("m", "", "x");
    BootRequest modules = new BootRequest("", Optional.empty(), List.of(extra));
    BootRequest initrd = new BootRequest("", Optional.of(extra), List.of());
    assertThatThrownBy(() -> load(BootImageFixture.linux(), modules))
        .hasMessageContaining("takes no modules");
    assertThatThrownBy(() -> load(BootImageFixture.multiboot(), initrd))
        .hasMessageContaining("takes no initrd");
  }

  @Test
  void aFlatImageGetsNothingAndSaysWhatToLeaveOut() {
    BootModule extra = module("m", "", "x");
    BootImage flat = BootImages.parse("f", new byte[] {1}, Format.FLAT64, OptionalLong.empty());
    assertThatThrownBy(() -> flat.load(ram, new BootRequest("x", Optional.empty(), List.of())))
        .hasMessageContainingAll("f: is a flat binary", "no command line", "--append");
    assertThatThrownBy(() -> flat.load(ram, new BootRequest("", Optional.of(extra), List.of())))
        .hasMessageContainingAll("f: is a flat binary", "no initrd", "--initrd");
    assertThatThrownBy(() -> flat.load(ram, new BootRequest("", Optional.empty(), List.of(extra))))
        .hasMessageContainingAll("f: is a flat binary", "no modules", "--module");
  }

  @Test
  void aCommandLineThatIsTooLongIsRefusedWithTheLimit() {
    BootRequest request = new BootRequest("x".repeat(256), Optional.empty(), List.of());
    assertThatThrownBy(() -> load(BootImageFixture.linux(), request))
        .hasMessageContaining("of 255 characters, not 256");
  }
}
