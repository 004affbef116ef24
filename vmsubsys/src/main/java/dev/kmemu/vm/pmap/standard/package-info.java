/** DragonFly's pc64 pmap as a {@link dev.kmemu.vm.pmap.PmapModule}: the kernel's standard one. */
@NullMarked
package dev.kmemu.vm.pmap.standard;

import org.jspecify.annotations.NullMarked;
