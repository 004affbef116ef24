package dev.kmemu.cli;

import dev.kmemu.emulator.pc.PcDevice;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code --device}: what of a whole PC is there. */
final class DeviceOption implements ITypeConverter<DeviceOption.Devices> {

  /** The devices that a PC is to have. */
  record Devices(Set<PcDevice> present) {}

  /** What there is to choose, for the option's help. */
  static final class Described implements Iterable<String> {

    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(PcDevice.values())
          .map(device -> device.id() + " (" + device.description() + ")")
          .iterator();
    }
  }

  @Override
  public Devices convert(String text) {
    Set<PcDevice> present = EnumSet.allOf(PcDevice.class);
    for (String item : text.split(",", -1)) {
      boolean added = item.startsWith("+");
      if (!added && !item.startsWith("-")) {
        throw new TypeConversionException(
            "'" + item + "' begins with neither + nor -, as in -apic (there are " + names() + ")");
      }
      PcDevice device = named(item.substring(1));
      if (added) {
        present.add(device);
      } else {
        present.remove(device);
      }
    }
    return new Devices(present);
  }

  private static PcDevice named(String name) {
    for (PcDevice device : PcDevice.values()) {
      if (device.id().equals(name)) {
        return device;
      }
    }
    throw new TypeConversionException(
        "there is no device '" + name + "' to choose (there are " + names() + ")");
  }

  private static String names() {
    return Arrays.stream(PcDevice.values()).map(PcDevice::id).collect(Collectors.joining(", "));
  }
}
