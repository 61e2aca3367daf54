/* SPDX-License-Identifier: MIT */
#include "uart.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../dev_vcpu.h"
#include "machine/pl011.h"
#include "machine/virt.h"

#define ESCAPE 1 /* Ctrl-A */

static struct pl011 uart;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_room = PTHREAD_COND_INITIALIZER;
static struct termios terminal;

static void on_send(void *ctx, uint8_t byte)
{
    (void)ctx;
    while (write(STDOUT_FILENO, &byte, 1) == 0)
        ;
}

static void on_interrupt(void *ctx, bool level)
{
    struct dev_vcpu_line line = {.intid = 32 + VIRT_UART_SPI, .level = level};

    if (ioctl(*(const int *)ctx, DEV_VCPU_LINE, &line) != 0)
        abort();
}

static void on_room(void *ctx)
{
    (void)ctx;
    pthread_cond_signal(&has_room);
}

void uart_restore(void)
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal);
}

void uart_init(int vm)
{
    static const struct pl011_wires wires = {on_send, on_interrupt, on_room};
    static int file;
    struct termios raw;

    file = vm;
    pl011_init(&uart, &wires, &file);
    if (tcgetattr(STDIN_FILENO, &terminal) == 0) {
        raw = terminal;
        cfmakeraw(&raw);
        atexit(uart_restore);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
}

uint64_t uart_read(uint64_t offset, unsigned size)
{
    uint64_t value;

    pthread_mutex_lock(&lock);
    value = pl011_read(&uart, offset, size);
    pthread_mutex_unlock(&lock);
    return value;
}

void uart_write(uint64_t offset, unsigned size, uint64_t value)
{
    pthread_mutex_lock(&lock);
    pl011_write(&uart, offset, size, value);
    pthread_mutex_unlock(&lock);
}

static void receive(uint8_t byte)
{
    pthread_mutex_lock(&lock);
    while (!pl011_receive(&uart, byte))
        pthread_cond_wait(&has_room, &lock);
    pthread_mutex_unlock(&lock);
}

void uart_type(void)
{
    bool escaped = false;
    uint8_t byte;

    while (read(STDIN_FILENO, &byte, 1) == 1) {
        if (escaped && (byte == 'x' || byte == 'X'))
            return;
        if (!escaped && byte == ESCAPE) {
            escaped = true;
            continue;
        }
        escaped = false;
        receive(byte);
    }
    for (;;) /* no more input: the guest ends by itself */
        pause();
}
