package dev.kmemu.emulator.virtio;

import dev.kmemu.emulator.device.DeviceState;
import dev.kmemu.emulator.device.InterruptPin;
import dev.kmemu.emulator.device.MmioDevice;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.function.Consumer;

/**
 * The registers by which a guest finds and drives a virtio device (Virtual I/O Device 1.2, 4.2.2),
 * version 2: no legacy interface. A driver that breaks the rules gets DEVICE_NEEDS_RESET.
 */
public final class VirtioMmio extends DeviceState implements MmioDevice {

  /** Bytes that a device answers. */
  public static final int BYTES = 0x200;

  private static final int MAGIC = 0x000;
  private static final int VERSION = 0x004;
  private static final int DEVICE = 0x008;
  private static final int VENDOR = 0x00C;
  private static final int DEVICE_FEATURES = 0x010;
  private static final int DEVICE_FEATURES_SELECT = 0x014;
  private static final int DRIVER_FEATURES = 0x020;
  private static final int DRIVER_FEATURES_SELECT = 0x024;
  private static final int QUEUE_SELECT = 0x030;
  private static final int QUEUE_SIZE_MOST = 0x034;
  private static final int QUEUE_SIZE = 0x038;
  private static final int QUEUE_READY = 0x044;
  private static final int QUEUE_NOTIFY = 0x050;
  private static final int INTERRUPT_STATUS = 0x060;
  private static final int INTERRUPT_ACKNOWLEDGE = 0x064;
  private static final int STATUS = 0x070;
  private static final int DESCRIPTORS = 0x080;
  private static final int AVAILABLE = 0x090;
  private static final int USED = 0x0A0;
  private static final int CONFIG_GENERATION = 0x0FC;
  private static final int CONFIG = 0x100;

  private static final int MAGIC_VALUE = 0x7472_6976;
  private static final int VENDOR_VALUE = 0x554D_454B;
  private static final long VERSION_1 = 1L << 32;
  private static final int NEEDS_RESET = 0x40;
  private static final int DRIVER_OK = 4;
  private static final int FEATURES_OK = 8;
  private static final int USED_BUFFER = 1;
  private static final int CONFIGURATION_CHANGED = 2;
  private static final long LOW = 0xFFFF_FFFFL;
  private static final int LOW_INDEX = 0xFFFF;
  private static final int SCALARS = 6;

  private final VirtioFunction function;
  private final InterruptPin pin;
  private final Virtqueue[] queues;
  private int status;
  private int interrupts;
  private int offered;
  private int accepted;
  private int selected;
  private long driverFeatures;

  /** Creates a device of the name {@code name} in snapshots. */
  public VirtioMmio(String name, VirtioFunction function, PhysicalMemory ram, InterruptPin pin) {
    super("virtio-" + name);
    this.function = function;
    this.pin = pin;
    this.queues = new Virtqueue[function.queues()];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new Virtqueue(ram);
    }
  }

  @Override
  public synchronized long read(int offset, int size) {
    if (offset >= CONFIG) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        value |= (long) function.config(offset - CONFIG + i) << (8 * i);
      }
      return value;
    }
    return switch (offset) {
      case MAGIC -> MAGIC_VALUE;
      case VERSION -> 2;
      case DEVICE -> function.type();
      case VENDOR -> VENDOR_VALUE;
      case DEVICE_FEATURES -> half(features(), offered);
      case QUEUE_SIZE_MOST -> selected < queues.length ? Virtqueue.MOST : 0;
      case QUEUE_READY -> selected < queues.length && queues[selected].isReady() ? 1 : 0;
      case INTERRUPT_STATUS -> interrupts;
      case STATUS -> status;
      case CONFIG_GENERATION -> 0;
      default -> 0;
    };
  }

  private long features() {
    return function.features() | VERSION_1;
  }

  private static long half(long features, int which) {
    return switch (which) {
      case 0 -> features & LOW;
      case 1 -> features >>> Integer.SIZE;
      default -> 0;
    };
  }

  @Override
  public synchronized boolean write(int offset, int size, long value) {
    int word = (int) value;
    switch (offset) {
      case DEVICE_FEATURES_SELECT -> offered = word;
      case DRIVER_FEATURES_SELECT -> accepted = word;
      case DRIVER_FEATURES -> acceptFeatures(value & LOW);
      case QUEUE_SELECT -> selected = Math.min(word & LOW_INDEX, queues.length);
      case QUEUE_NOTIFY -> serve(word);
      case INTERRUPT_ACKNOWLEDGE -> {
        interrupts &= ~word;
        pin.set(interrupts != 0);
      }
      case STATUS -> setStatus(word);
      default -> {
        if (selected < queues.length) {
          setQueue(queues[selected], offset, value & LOW);
        }
      }
    }
    return true;
  }

  private void acceptFeatures(long value) {
    if (accepted == 0) {
      driverFeatures = (driverFeatures & ~LOW) | value;
    } else if (accepted == 1) {
      driverFeatures = (driverFeatures & LOW) | value << Integer.SIZE;
    }
  }

  private static void setQueue(Virtqueue queue, int offset, long value) {
    switch (offset) {
      case QUEUE_SIZE -> queue.setSize((int) value);
      case QUEUE_READY -> queue.setReady((value & 1) != 0);
      case DESCRIPTORS -> queue.setDescriptors(low(queue.descriptors(), value));
      case DESCRIPTORS + 4 -> queue.setDescriptors(high(queue.descriptors(), value));
      case AVAILABLE -> queue.setAvailable(low(queue.available(), value));
      case AVAILABLE + 4 -> queue.setAvailable(high(queue.available(), value));
      case USED -> queue.setUsed(low(queue.used(), value));
      case USED + 4 -> queue.setUsed(high(queue.used(), value));
      default -> {
        // A read-only register, or none.
      }
    }
  }

  private static long low(long address, long value) {
    return (address & ~LOW) | value;
  }

  private static long high(long address, long value) {
    return (address & LOW) | value << Integer.SIZE;
  }

  /** FEATURES_OK stays clear for a set of features that the device doesn't have: 3.1.1. */
  private void setStatus(int value) {
    if (value == 0) {
      reset();
      return;
    }
    boolean agreed = (driverFeatures & ~features()) == 0 && (driverFeatures & VERSION_1) != 0;
    status = (value & 0xFF & ~NEEDS_RESET) | (status & NEEDS_RESET);
    if (!agreed) {
      status &= ~FEATURES_OK;
    }
    if ((status & DRIVER_OK) != 0) {
      for (int i = 0; i < queues.length; i++) {
        serve(i);
      }
    }
  }

  private void reset() {
    status = 0;
    interrupts = 0;
    offered = 0;
    accepted = 0;
    selected = 0;
    driverFeatures = 0;
    for (Virtqueue queue : queues) {
      queue.reset();
    }
    pin.set(false);
  }

  private void serve(int index) {
    if (index >= 0 && index < queues.length) {
      use(index, queue -> function.notified(index, queue));
    }
  }

  /**
   * Lets the function use a queue of its own accord, while the CPU executes nothing.
   *
   * @return false when there is no driver that would notice
   */
  synchronized boolean use(int index, Consumer<Virtqueue> task) {
    if ((status & (DRIVER_OK | NEEDS_RESET)) != DRIVER_OK) {
      return false;
    }
    work(task, queues[index]);
    return true;
  }

  private void work(Consumer<Virtqueue> task, Virtqueue queue) {
    try {
      task.accept(queue);
    } catch (VirtioException e) {
      status |= NEEDS_RESET;
      interrupts |= CONFIGURATION_CHANGED;
    }
    if (queue.takeAnswered()) {
      interrupts |= USED_BUFFER;
    }
    pin.set(interrupts != 0);
  }

  @Override
  protected synchronized long[] save() {
    long[] state = new long[SCALARS + queues.length * Virtqueue.STATE];
    state[0] = status;
    state[1] = interrupts;
    state[2] = offered;
    state[3] = accepted;
    state[4] = selected;
    state[5] = driverFeatures;
    for (int i = 0; i < queues.length; i++) {
      queues[i].save(state, SCALARS + i * Virtqueue.STATE);
    }
    return state;
  }

  @Override
  protected synchronized void restore(long[] state) {
    status = (int) state[0] & 0xFF;
    interrupts = (int) state[1] & (USED_BUFFER | CONFIGURATION_CHANGED);
    offered = (int) state[2];
    accepted = (int) state[3];
    selected = (int) Math.max(0, Math.min(queues.length, state[4]));
    driverFeatures = state[5];
    for (int i = 0; i < queues.length; i++) {
      queues[i].restore(state, SCALARS + i * Virtqueue.STATE);
    }
    pin.set(interrupts != 0);
  }
}
