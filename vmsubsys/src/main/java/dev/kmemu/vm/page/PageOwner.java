package dev.kmemu.vm.page;

import org.jspecify.annotations.Nullable;

/** What the page layer needs of a {@code vm_object}. Callers hold {@code vm_token}. */
public interface PageOwner {

  /** {@code vm_page_lookup}: the resident page at {@code pindex}. */
  @Nullable VmPage residentPage(long pindex);

  /** Takes {@code page}, whose index is set, into the resident pages. */
  void addResident(VmPage page);

  /** Removes {@code page} from the resident pages. */
  void removeResident(VmPage page);

  /** Returns the colour of page 0. */
  int pageColor();

  /** Notes that a page was or will be written. */
  void noteWriteable();
}
