package dev.kmemu.vm.report;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageOwner;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** A {@code vm_page} for people to read. */
public final class PageReport {

  private static final int MOST_MAPPINGS = 16;

  private PageReport() {}

  /**
   * Returns what the VM knows of the page that holds a physical address, several lines.
   *
   * @param physical any address of the page
   */
  public static String of(KernelVm vm, long physical) {
    vm.tokens().vm().get();
    try {
      VmPage page = vm.pages().find(physical);
      return page == null
          ? String.format(
              "0x%x isn't the VM's: its pages are 0x%x to 0x%x%n",
              physical,
              vm.pages().get(0).physAddr(),
              vm.pages().get(vm.pages().size() - 1).physAddr())
          : text(page);
    } finally {
      vm.tokens().vm().release();
    }
  }

  private static String text(VmPage page) {
    PageOwner owner = page.owner();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "vm_page %s%n  object %s, pindex 0x%x%n  wire_count %d, hold_count %d, queue %s%n",
            page.address(),
            owner == null ? "-" : owner,
            page.pindex(),
            page.wireCount(),
            page.holdCount(),
            queue(page)));
    text.append(
        String.format(
            "  flags %s, valid 0x%02x, dirty 0x%02x, act_count %d%n",
            flags(page), page.valid(), page.dirty(), page.activity()));
    text.append(String.format("  mappings %d%n", page.pvCount()));
    int shown = 0;
    @Nullable PvEntry pv = page.firstPv();
    for (; pv != null && shown < MOST_MAPPINGS; pv = pv.nextOnPage()) {
      text.append(String.format("    0x%016x%n", pv.va));
      shown++;
    }
    return text.append(pv == null ? "" : "    and more\n").toString();
  }

  private static String queue(VmPage page) {
    int queue = page.queue();
    if (queue == PageQueueIndex.NONE) {
      return "none";
    } else if (queue == PageQueueIndex.INACTIVE) {
      return "inactive";
    } else if (queue == PageQueueIndex.ACTIVE) {
      return "active";
    } else if (queue == PageQueueIndex.HOLD) {
      return "hold";
    }
    return (page.isCached() ? "cache" : "free") + ", colour " + page.color();
  }

  private static String flags(VmPage page) {
    StringJoiner words = new StringJoiner("|").setEmptyValue("none");
    addIf(words, page, PageFlags.BUSY, "BUSY");
    addIf(words, page, PageFlags.WANTED, "WANTED");
    addIf(words, page, PageFlags.WINATCFLS, "WINATCFLS");
    addIf(words, page, PageFlags.FICTITIOUS, "FICTITIOUS");
    addIf(words, page, PageFlags.WRITEABLE, "WRITEABLE");
    addIf(words, page, PageFlags.MAPPED, "MAPPED");
    addIf(words, page, PageFlags.ZERO, "ZERO");
    addIf(words, page, PageFlags.REFERENCED, "REFERENCED");
    addIf(words, page, PageFlags.UNMANAGED, "UNMANAGED");
    return words.toString();
  }

  private static void addIf(StringJoiner words, VmPage page, int flag, String name) {
    if (page.has(flag)) {
      words.add("PG_" + name);
    }
  }
}
