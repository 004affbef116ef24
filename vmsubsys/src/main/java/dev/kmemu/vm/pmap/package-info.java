/** The physical map: DragonFly's pc64 page tables, kept in guest RAM. */
@NullMarked
package dev.kmemu.vm.pmap;

import org.jspecify.annotations.NullMarked;
