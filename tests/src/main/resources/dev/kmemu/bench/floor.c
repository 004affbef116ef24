/*
 * What the same work costs on Unicorn alone, called from C: the floor that no emulator on Unicorn
 * gets below. Same library, guest binaries, addresses and page tables as the Java side.
 *
 * floor LIBRARY DIRECTORY        reads one command per line, answers each with one line
 *   run KERNEL N                 nanoseconds RAX
 *   count KERNEL N               instructions RAX
 *   fault KERNEL PAGES           nanoseconds faults
 *   out KERNEL N                 nanoseconds exits
 *   step KERNEL N                nanoseconds RAX
 *   start                        nanoseconds
 * Kernels are the files DIRECTORY/KERNEL.bin. Nanoseconds are CPU time of this thread.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* unicorn.h, as far as it is needed. */
typedef struct uc_struct uc_engine;
typedef struct uc_context uc_context;
typedef size_t uc_hook;
typedef void (*interrupt_hook)(uc_engine *, uint32_t vector, void *user);
typedef void (*code_hook)(uc_engine *, uint64_t address, uint32_t size, void *user);
typedef void (*out_hook)(uc_engine *, uint32_t port, int size, uint32_t value, void *user);
enum { ARCH_X86 = 4, MODE_64 = 8, PROT_ALL = 7 };
enum { HOOK_INTR = 1, HOOK_INSN = 2, HOOK_CODE = 4, INS_OUT = 500 };
enum { TB_FLUSH = 0x4000000a, TLB_FLUSH = 0x4000000b };
enum {
  REG_RAX = 35, REG_RDI = 39, REG_RDX = 40, REG_RIP = 41, REG_RSI = 43, REG_RSP = 44,
  REG_CR0 = 50, REG_CR2 = 52, REG_CR3 = 53, REG_CR4 = 54, REG_MSR = 248
};
struct model_specific_register { uint32_t id; uint64_t value; };
enum { EFER = 0xc0000080 };

static int (*uc_open)(int, int, uc_engine **);
static int (*uc_close)(uc_engine *);
static int (*uc_ctl)(uc_engine *, int, ...);
static int (*uc_mem_map_ptr)(uc_engine *, uint64_t, uint64_t, uint32_t, void *);
static int (*uc_reg_read)(uc_engine *, int, void *);
static int (*uc_reg_write)(uc_engine *, int, const void *);
static int (*uc_emu_start)(uc_engine *, uint64_t, uint64_t, uint64_t, size_t);
static int (*uc_emu_stop)(uc_engine *);
static int (*uc_hook_add)(uc_engine *, uc_hook *, int, void *, void *, uint64_t, uint64_t, ...);
static int (*uc_hook_del)(uc_engine *, uc_hook);
static int (*uc_context_alloc)(uc_engine *, uc_context **);
static size_t (*uc_context_size)(uc_engine *);
static int (*uc_context_save)(uc_engine *, uc_context *);
static int (*uc_context_restore)(uc_engine *, uc_context *);

/* The layout of the guest, dev.kmemu.bench.GuestLayout's. */
#define RAM_BYTES (64ull << 20)
#define PAGE 4096ull
#define PML4 0x100000ull
#define TABLES_END 0x200000ull
#define CODE_PA 0x200000ull
#define CODE 0xffffffff80200000ull
#define CODE_BYTES 0x10000ull
#define HLT 0xffffffff8020f000ull
#define STACK_PA 0x300000ull
#define STACK 0xffffffff80300000ull
#define STACK_BYTES 0x10000ull
#define STACK_TOP (STACK_BYTES - 16)
#define FAULT_PA 0x400000ull
#define FAULT 0xffffffc000000000ull
#define FAULT_PAGES 1024
#define A_PA 0x1000000ull
#define A 0xffff888001000000ull
#define B_PA 0x2000000ull
#define B 0xffff888002123000ull
#define AREA_BYTES (16ull << 20)
#define PATTERN 0x9e3779b97f4a7c15ull /* word i of area A is (i + 1) times this */
#define HLT_OPCODE 0xf4
#define PRESENT_WRITABLE 3ull
#define NO_EXECUTE (1ull << 63)
#define FRAME 0xffffffffff000ull

static const char *directory;
static uc_engine *uc;
static uint8_t *ram;
static uint64_t next_table = PML4 + PAGE;
static char loaded[64];
static uint64_t events;

static void fail(const char *what, const char *why) {
  printf("error %s: %s\n", what, why);
  exit(1);
}

static void check(const char *what, int error) {
  char number[32];
  if (error) {
    snprintf(number, sizeof number, "uc_err %d", error);
    fail(what, number);
  }
}

static uint64_t cpu_nanos(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void bind_library(const char *path) {
  void *library = dlopen(path, RTLD_NOW);
  if (!library) fail(path, dlerror());
#define BIND(name) \
  if (!(*(void **)&name = dlsym(library, #name))) fail(path, "lacks " #name)
  BIND(uc_open); BIND(uc_close); BIND(uc_ctl); BIND(uc_mem_map_ptr);
  BIND(uc_reg_read); BIND(uc_reg_write); BIND(uc_emu_start); BIND(uc_emu_stop);
  BIND(uc_hook_add); BIND(uc_hook_del); BIND(uc_context_alloc); BIND(uc_context_size);
  BIND(uc_context_save); BIND(uc_context_restore);
#undef BIND
}

static uint64_t read_register(int number) {
  uint64_t value = 0;
  check("uc_reg_read", uc_reg_read(uc, number, &value));
  return value;
}

static void write_register(int number, uint64_t value) {
  check("uc_reg_write", uc_reg_write(uc, number, &value));
}

static void set_entry(uint64_t va, uint64_t entry) {
  uint64_t table = PML4;
  for (int shift = 39; shift > 12; shift -= 9) {
    uint64_t *slot = (uint64_t *)(ram + table) + (va >> shift & 511);
    if (!(*slot & 1)) {
      if (next_table == TABLES_END) fail("page tables", "no room");
      *slot = next_table | PRESENT_WRITABLE;
      next_table += PAGE;
    }
    table = *slot & FRAME;
  }
  ((uint64_t *)(ram + table))[va >> 12 & 511] = entry;
}

static void map(uint64_t va, uint64_t pa, uint64_t bytes, uint64_t bits) {
  for (uint64_t at = 0; at < bytes; at += PAGE) set_entry(va + at, (pa + at) | bits);
}

static void set_up(void) {
  ram = mmap(0, RAM_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
             -1, 0);
  if (ram == MAP_FAILED) fail("mmap", "no memory");
  map(CODE, CODE_PA, CODE_BYTES, PRESENT_WRITABLE);
  map(STACK, STACK_PA, STACK_BYTES, PRESENT_WRITABLE | NO_EXECUTE);
  map(A, A_PA, AREA_BYTES, PRESENT_WRITABLE | NO_EXECUTE);
  map(B, B_PA, AREA_BYTES, PRESENT_WRITABLE | NO_EXECUTE);
  check("uc_open", uc_open(ARCH_X86, MODE_64, &uc));
  check("uc_mem_map_ptr", uc_mem_map_ptr(uc, 0, RAM_BYTES, PROT_ALL, ram));
  struct model_specific_register efer = {EFER, 0xd01};
  check("uc_reg_write", uc_reg_write(uc, REG_MSR, &efer));
  write_register(REG_CR4, 0x620);
  write_register(REG_CR3, PML4);
  write_register(REG_CR0, 0x80050033);
}

static void load(const char *kernel) {
  if (!strcmp(kernel, loaded)) return;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.bin", directory, kernel);
  FILE *file = fopen(path, "rb");
  if (!file) fail(path, "can't be read");
  memset(ram + CODE_PA, 0, CODE_BYTES);
  if (!fread(ram + CODE_PA, 1, HLT - CODE, file)) fail(path, "is empty");
  fclose(file);
  ram[CODE_PA + HLT - CODE] = HLT_OPCODE;
  for (uint64_t i = 0; i < AREA_BYTES / 8; i++) ((uint64_t *)(ram + A_PA))[i] = (i + 1) * PATTERN;
  memset(ram + B_PA, 0, AREA_BYTES);
  check("flushing translated code", uc_ctl(uc, TB_FLUSH));
  snprintf(loaded, sizeof loaded, "%s", kernel);
}

static void prepare(uint64_t n, uint64_t a) {
  *(uint64_t *)(ram + STACK_PA + STACK_TOP - 8) = HLT;
  write_register(REG_RSP, STACK + STACK_TOP - 8);
  write_register(REG_RDI, n);
  write_register(REG_RSI, a);
  write_register(REG_RDX, B);
}

static uint64_t run(uint64_t n, uint64_t a) {
  prepare(n, a);
  uint64_t start = cpu_nanos();
  int error = uc_emu_start(uc, CODE, 0, 0, 0);
  uint64_t nanos = cpu_nanos() - start;
  check("uc_emu_start", error);
  uint64_t rip = read_register(REG_RIP);
  if (rip != HLT + 1) fail("the kernel", "didn't return to its HLT");
  return nanos;
}

static void count_event(uc_engine *engine, uint64_t address, uint32_t size, void *user) {
  (void)engine, (void)address, (void)size, (void)user;
  events++;
}

static void count_instructions(uint64_t n) {
  uc_hook hook;
  check("uc_hook_add", uc_hook_add(uc, &hook, HOOK_CODE, (void *)count_event, 0, 1, 0));
  check("flushing translated code", uc_ctl(uc, TB_FLUSH));
  run(n, A);
  check("uc_hook_del", uc_hook_del(uc, hook));
  check("flushing translated code", uc_ctl(uc, TB_FLUSH));
}

/*
 * Unicorn never clears the exception that it is handling, so that a second page fault would arrive
 * as a double fault. The number of that exception, -1 before the first, is found by comparing the
 * context with one from before; from then on each fault writes -1 there.
 */
static uc_context *context;
static uint8_t *before;
static long old_exception = -1;

static void on_interrupt(uc_engine *engine, uint32_t vector, void *user) {
  (void)user;
  if (vector != 14) fail("exception", "isn't a page fault");
  uint64_t address;
  uc_reg_read(engine, REG_CR2, &address);
  set_entry(address & ~(PAGE - 1),
            (FAULT_PA + (address & (FAULT_PAGES * PAGE - PAGE))) | PRESENT_WRITABLE | NO_EXECUTE);
  events++;
  uc_context_save(engine, context);
  int32_t *words = (int32_t *)context;
  if (old_exception < 0) {
    size_t count = uc_context_size(engine) / sizeof *words;
    for (size_t i = 0; i < count; i++) {
      if (words[i] == 14 && ((int32_t *)before)[i] == -1) old_exception = i;
    }
    if (old_exception < 0) fail("old exception", "isn't in the context");
  }
  words[old_exception] = -1;
  uc_context_restore(engine, context);
}

static uint64_t fault(uint64_t pages) {
  if (pages > FAULT_PAGES) fail("fault", "more than 1024 pages");
  if (!context) {
    check("uc_context_alloc", uc_context_alloc(uc, &context));
    run(1, A);
    check("uc_context_save", uc_context_save(uc, context));
    before = malloc(uc_context_size(uc));
    memcpy(before, context, uc_context_size(uc));
  }
  for (uint64_t at = 0; at < pages * PAGE; at += PAGE) set_entry(FAULT + at, 0);
  check("flushing the TLB", uc_ctl(uc, TLB_FLUSH));
  uc_hook hook;
  check("uc_hook_add", uc_hook_add(uc, &hook, HOOK_INTR, (void *)on_interrupt, 0, 1, 0));
  uint64_t nanos = run(pages, FAULT);
  check("uc_hook_del", uc_hook_del(uc, hook));
  return nanos;
}

static void on_out(uc_engine *engine, uint32_t port, int size, uint32_t value, void *user) {
  (void)engine, (void)port, (void)size, (void)value, (void)user;
  events++;
}

static uint64_t out(uint64_t n) {
  uc_hook hook;
  check("uc_hook_add", uc_hook_add(uc, &hook, HOOK_INSN, (void *)on_out, 0, 1, 0, INS_OUT));
  uint64_t nanos = run(n, A);
  check("uc_hook_del", uc_hook_del(uc, hook));
  return nanos;
}

static uint64_t step(uint64_t n) {
  prepare(0, A);
  write_register(REG_RAX, 0);
  uint64_t rip = CODE;
  uint64_t start = cpu_nanos();
  for (uint64_t i = 0; i < n; i++) {
    check("uc_emu_start", uc_emu_start(uc, rip, 0, 0, 1));
    rip = read_register(REG_RIP);
  }
  return cpu_nanos() - start;
}

/* A new engine to the end of its first instruction, a HLT with paging off. */
static uint64_t start(void) {
  const uint64_t at = 0x1000;
  uc_engine *engine;
  ram[at] = HLT_OPCODE;
  uint64_t begin = cpu_nanos();
  check("uc_open", uc_open(ARCH_X86, MODE_64, &engine));
  check("uc_mem_map_ptr", uc_mem_map_ptr(engine, 0, RAM_BYTES, PROT_ALL, ram));
  check("uc_emu_start", uc_emu_start(engine, at, 0, 0, 0));
  uint64_t nanos = cpu_nanos() - begin;
  check("uc_close", uc_close(engine));
  return nanos;
}

int main(int count, char **arguments) {
  setvbuf(stdout, 0, _IOLBF, 0);
  if (count != 3) fail("usage", "floor LIBRARY DIRECTORY");
  bind_library(arguments[1]);
  directory = arguments[2];
  set_up();
  puts("ready");
  char line[256], command[16], kernel[64];
  while (fgets(line, sizeof line, stdin)) {
    unsigned long long n = 0;
    int fields = sscanf(line, "%15s %63s %llu", command, kernel, &n);
    uint64_t nanos = 0;
    events = 0;
    if (fields == 1 && !strcmp(command, "start")) {
      printf("%llu\n", (unsigned long long)start());
      continue;
    }
    if (fields != 3) fail("command", line);
    load(kernel);
    int shows_events = 1;
    if (!strcmp(command, "run")) { nanos = run(n, A); shows_events = 0; }
    else if (!strcmp(command, "count")) { count_instructions(n); nanos = events; shows_events = 0; }
    else if (!strcmp(command, "fault")) nanos = fault(n);
    else if (!strcmp(command, "out")) nanos = out(n);
    else if (!strcmp(command, "step")) { nanos = step(n); shows_events = 0; }
    else fail("command", line);
    printf("%llu %llu\n", (unsigned long long)nanos,
           (unsigned long long)(shows_events ? events : read_register(REG_RAX)));
  }
  return 0;
}
