/* SPDX-License-Identifier: MIT */
/* Runs a Linux Image on /dev/vcpu: see usage(). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../dev_vcpu.h"
#include "machine/guest_fdt.h"
#include "machine/image.h"
#include "machine/virt.h"
#include "uart.h"

#define SPIS 32u

static char **arguments;

static _Noreturn void fail(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    fputs("vmm: ", stderr);
    vfprintf(stderr, format, list);
    fputs("\r\n", stderr);
    exit(1);
}

static void usage(void)
{
    fputs("usage: vmm [-c VCPUS] [-m MIB] [-i INITRD] [-a COMMAND_LINE] IMAGE\n"
          "Ctrl-A X ends it; Ctrl-A Ctrl-A is a Ctrl-A for the guest.\n",
          stderr);
    exit(2);
}

static void *load(const char *path, size_t *size)
{
    int file = open(path, O_RDONLY);
    struct stat status;
    void *data;

    if (file < 0 || fstat(file, &status) != 0)
        fail("%s: %s", path, strerror(errno));
    *size = (size_t)status.st_size;
    data = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED)
        fail("%s: %s", path, strerror(errno));
    close(file);
    return data;
}

/* As the module numbers them. */
static uint64_t mpidr(unsigned index)
{
    return (uint64_t)(index / 16) << 8 | index % 16;
}

struct guest {
    const char *kernel, *initrd, *command_line;
    unsigned vcpus;
    size_t memory_size;
    uint8_t *memory;
    struct virt_gic gic;
    struct dev_vcpu_entry entry;
};

static void write_fdt(const struct guest *guest, const struct image_layout *layout,
                      size_t initrd_size)
{
    const struct virt_uart uart = virt_uart();
    struct guest_fdt_seeds seeds;
    uint64_t mpidrs[DEV_VCPU_MAX_VCPUS];
    struct guest_fdt fdt = {
        .ram = {VIRT_RAM_BASE, guest->memory_size},
        .initrd = {layout->initrd, initrd_size},
        .mpidr = mpidrs,
        .cpus = guest->vcpus,
        .gic = &guest->gic,
        .uart = &uart,
        .bootargs = guest->command_line,
        .seeds = &seeds,
    };
    const char *error;

    if (getrandom(&seeds, sizeof(seeds), 0) != sizeof(seeds))
        fail("no random numbers");
    for (unsigned i = 0; i < guest->vcpus; i++)
        mpidrs[i] = mpidr(i);
    error = guest_fdt_write(&fdt, guest->memory + (layout->fdt - VIRT_RAM_BASE),
                            GUEST_FDT_SIZE + strlen(guest->command_line));
    if (error != NULL)
        fail("the device tree: %s", error);
}

/* Its files, and the device tree, into its memory. */
static void fill(struct guest *guest)
{
    size_t kernel_size, initrd_size = 0;
    const void *kernel = load(guest->kernel, &kernel_size);
    const void *initrd = guest->initrd != NULL ? load(guest->initrd, &initrd_size) : NULL;
    const struct image_request request = {
        .file = kernel,
        .file_size = kernel_size,
        .ram_base = VIRT_RAM_BASE,
        .ram_size = guest->memory_size,
        .initrd_size = initrd_size,
        .fdt_size = GUEST_FDT_SIZE + strlen(guest->command_line),
        .page_sizes = IMAGE_PAGE_4K,
    };
    struct image_layout layout;
    char error[200];

    if (!image_plan(&request, &layout, error, sizeof(error)))
        fail("%s", error);
    memcpy(guest->memory + (layout.kernel - VIRT_RAM_BASE), kernel, kernel_size);
    if (initrd != NULL)
        memcpy(guest->memory + (layout.initrd - VIRT_RAM_BASE), initrd, initrd_size);
    write_fdt(guest, &layout, initrd_size);
    guest->entry = (struct dev_vcpu_entry){.pc = layout.kernel, .x0 = layout.fdt};
}

static int make_vm(const struct guest *guest)
{
    const struct dev_vcpu_vm config = {
        .distributor = guest->gic.distributor.base,
        .redistributors = guest->gic.redistributors.base,
        .vcpus = guest->vcpus,
        .spis = SPIS,
    };
    const struct dev_vcpu_memory memory = {
        .ipa = VIRT_RAM_BASE,
        .size = guest->memory_size,
        .user = (uintptr_t)guest->memory,
    };
    int device = open("/dev/vcpu", O_RDWR | O_CLOEXEC), vm;

    if (device < 0)
        fail("/dev/vcpu: %s", strerror(errno));
    vm = ioctl(device, DEV_VCPU_CREATE, &config);
    if (vm < 0)
        fail("no VM: %s", strerror(errno));
    if (ioctl(vm, DEV_VCPU_MEMORY, &memory) != 0)
        fail("its memory: %s", strerror(errno));
    return vm;
}

static bool is_uart(uint64_t ipa)
{
    const struct virt_region uart = virt_uart().registers;

    return ipa >= uart.base && ipa - uart.base < uart.size;
}

/* Where nothing is reads are 0, and writes are lost. */
static void answer(struct dev_vcpu_page *page)
{
    if (!is_uart(page->ipa))
        page->data = 0;
    else if (page->reason == DEV_VCPU_READ)
        page->data = uart_read(page->ipa - VIRT_UART, page->size);
    else
        uart_write(page->ipa - VIRT_UART, page->size, page->data);
}

static void *run(void *argument)
{
    int file = (int)(intptr_t)argument;
    struct dev_vcpu_page *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

    if (page == MAP_FAILED)
        fail("a vCPU's page: %s", strerror(errno));
    for (;;) {
        if (ioctl(file, DEV_VCPU_RUN) != 0) {
            if (errno == EINTR)
                continue;
            fail("a vCPU does not run: %s", strerror(errno));
        }
        switch (page->reason) {
        case DEV_VCPU_READ:
        case DEV_VCPU_WRITE:
            answer(page);
            break;
        case DEV_VCPU_OFF:
            exit(0);
        case DEV_VCPU_RESET:
            /* All of the VM ends with this program, and begins anew. */
            uart_restore();
            execv("/proc/self/exe", arguments);
            fail("no reset: %s", strerror(errno));
        default:
            fail("the guest cannot go on: %s", page->text);
        }
    }
}

static void start(int vm, const struct guest *guest)
{
    for (unsigned i = 0; i < guest->vcpus; i++) {
        int file = ioctl(vm, DEV_VCPU_VCPU, i);
        pthread_t thread;

        if (file < 0)
            fail("no vCPU %u: %s", i, strerror(errno));
        if (i == 0 && ioctl(file, DEV_VCPU_ENTRY, &guest->entry) != 0)
            fail("its entry: %s", strerror(errno));
        if (pthread_create(&thread, NULL, run, (void *)(intptr_t)file) != 0)
            fail("no thread");
    }
}

int main(int argc, char **argv)
{
    struct guest guest = {.vcpus = 1, .memory_size = 256, .command_line = "console=ttyAMA0"};
    int option, vm;

    arguments = argv;
    while ((option = getopt(argc, argv, "c:m:i:a:")) != -1) {
        switch (option) {
        case 'c':
            guest.vcpus = (unsigned)strtoul(optarg, NULL, 0);
            break;
        case 'm':
            guest.memory_size = strtoul(optarg, NULL, 0);
            break;
        case 'i':
            guest.initrd = optarg;
            break;
        case 'a':
            guest.command_line = optarg;
            break;
        default:
            usage();
        }
    }
    if (optind + 1 != argc || guest.vcpus < 1 || guest.vcpus > DEV_VCPU_MAX_VCPUS ||
        guest.memory_size < 64 || guest.memory_size > 65536)
        usage();
    guest.kernel = argv[optind];
    guest.memory_size <<= 20;
    guest.gic = virt_gic(3, guest.vcpus);
    guest.memory = mmap(NULL, guest.memory_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (guest.memory == MAP_FAILED)
        fail("no memory: %s", strerror(errno));
    fill(&guest);
    vm = make_vm(&guest);
    uart_init(vm);
    start(vm, &guest);
    uart_type();
    return 0;
}
