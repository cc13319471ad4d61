# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later

# What nbdkit 1.$minor says of itself, as far as a launcher may ask.  It
# serves nothing.  Modules are the files in $V2V_STANDIN_DIR; each call is
# noted in $V2V_STANDIN_LOG.

dir=${V2V_STANDIN_DIR:-/nowhere}
[ -z "${V2V_STANDIN_LOG-}" ] || printf '%s\n' "$*" >>"$V2V_STANDIN_LOG"

# since MINOR TEXT...: lines for that version and later.
since ()
{
    since=$1
    shift
    [ "$minor" -lt "$since" ] || printf '%s\n' "$@"
}

dump_config ()
{
    cat <<END
binary=$0
bindir=/usr/bin
END
    since 32 exit_with_parent=yes
    cat <<END
filterdir=$dir/filters
host_cpu=x86_64
host_os=linux-gnu
libdir=/usr/lib
END
    since 42 max_api_version=2
    cat <<END
mandir=/usr/share/man
name=nbdkit
plugindir=$dir/plugins
root_tls_certificates_dir=/etc/pki/nbdkit
END
    since 42 run_default_socket=Unix
    cat <<END
sbindir=/usr/sbin
selinux=${selinux:-yes}
END
    since 42 soext=so
    echo sysconfdir=/etc
    since 42 timeout_option=yes
    cat <<END
tls=yes
version=1.$minor.1
version_major=1
version_minor=$minor
END
    since 42 vsock_option=yes
    echo zstd=yes
}

server_help ()
{
    cat <<'END'
nbdkit [-D|--debug PLUGIN|FILTER|nbdkit.FLAG=N]
       [--exit-with-parent] [--filter=FILTER ...] [-f|--foreground]
       [-P|--pidfile PIDFILE] [-r|--readonly] [--run 'COMMAND ARGS ...']
       [--selinux-label=LABEL] [-t|--threads THREADS]
       [-U|--unix SOCKET|-] [-v|--verbose]
       PLUGIN [[KEY=]VALUE [KEY=VALUE [...]]]

END
}

long_options ()
{
    printf '%s\n' --debug --dump-config --dump-plugin --exit-with-parent \
        --export --exportname --filter --foreground --help --ipaddr
    since 42 --keepalive
    printf '%s\n' --log --mask-handshake --newstyle
    since 46 --name
    since 38 --no-mc --no-meta-contexts
    printf '%s\n' --no-sr --pidfile --port
    since 40 --print-uri
    printf '%s\n' --readonly --run --selinux-label --single --swap \
        --threads
    since 42 --timeout
    printf '%s\n' --tls --unix --verbose --version --vsock
}

curl_help ()
{
    cat <<'END'
cainfo=<CAINFO>            Path to Certificate Authority file.
END
    since 34 'connections=<N>            Number of libcurl connections to use.'
    cat <<'END'
cookie=<COOKIE>            Set HTTP/HTTPS cookies.
cookie-script=<SCRIPT>     Script to set HTTP/HTTPS cookies.
cookie-script-renew=<SECS> Time to renew HTTP/HTTPS cookies.
END
    since 26 'followlocation=false       Do not follow redirects.'
    cat <<'END'
header=<HEADER>            Set HTTP/HTTPS header.
END
    since 22 'header-script=<SCRIPT>     Script to set HTTP/HTTPS headers.'
    since 34 'http-version=none|...      Force a particular HTTP protocol.'
    since 36 'ipresolve=any|v4|v6        Force IPv4 or IPv6.'
    cat <<'END'
password=<PASSWORD>        The password for the user account.
END
    since 36 'resolve=<HOST>:<PORT>:<ADDR> Custom host to IP address resolution.'
    cat <<'END'
timeout=<TIMEOUT>          Set the timeout for requests (seconds).
sslverify=false            Do not verify SSL certificate of remote host.
tcp-keepalive=true         Enable TCP keepalives.
url=<URL>       (required) The disk image URL to serve.
user=<USER>                The user to log in as.
END
}

ssh_help ()
{
    cat <<'END'
host=<HOST>     (required) SSH server hostname.
[path=]<PATH>   (required) SSH remote path.
port=<PORT>                SSH protocol port number.
user=<USER>                SSH user name.
password=<PASSWORD>        SSH password.
config=<CONFIG>            Alternate local SSH configuration file.
known-hosts=<FILENAME>     Set location of known_hosts file.
identity=<FILENAME>        Prepend private key (identity) file.
timeout=SECS               Set SSH connection timeout.
verify-remote-host=false   Ignore known_hosts.
compression=true           Enable compression.
END
}

file_help ()
{
    cat <<'END'
[file=]<FILENAME>     The filename to serve.
dir=<DIRNAME>         A directory containing files to serve.
END
    if [ "$minor" -lt 46 ]; then
        echo 'cache=<MODE>          Set use of caching (default, none).'
    fi
    since 34 'fd=<FD>               File descriptor to serve.'
}

nbd_help ()
{
    cat <<'END'
[uri=]<URI>            URI of an NBD socket to connect to (if supported).
socket=<SOCKNAME>      The Unix socket to connect to.
hostname=<HOST>        The hostname for the TCP socket to connect to.
port=<PORT>            TCP/VSOCK port or service name to use (default 10809).
export=<NAME>          Export name to connect to (default "").
retry=<N>              Retry connection up to N seconds (default 0).
shared=<BOOL>          True to share one server connection among all clients.
tls=<MODE>             How to use TLS; one of 'off', 'on', or 'require'.
END
}

vddk_help ()
{
    echo '[file=]<FILENAME>     (required) The filename (eg. VMDK file) to serve.'
    since 44 'export=<WILDCARD>     Files to export.'
}

filter_help ()
{
    case $1 in
        retry)
            cat <<'END'
retries=<N>              Number of retries (default: 5).
retry-delay=<N>          Seconds to wait before retry (default: 2).
retry-exponential=yes|no Exponential back-off (default: yes).
retry-readonly=yes|no    Force read-only on failure (default: no).
END
            ;;
        blocksize)
            cat <<'END'
minblock=<SIZE>      Minimum block size, power of 2 <= 64k (default 1).
maxdata=<SIZE>       Maximum size for read/write (default 64M).
maxlen=<SIZE>        Maximum size for trim/zero (default 4G).
END
            ;;
        rate)
            cat <<'END'
rate=BITSPERSEC                Limit total bandwidth.
connection-rate=BITSPERSEC     Limit bandwidth per connection.
rate-file=FILENAME             Dynamically adjust total bandwidth.
connection-rate-file=FILENAME  Dynamically adjust per connection bandwidth.
END
            ;;
        tar) echo 'tar-entry=<FILENAME> The path inside the tar file to serve.' ;;
        offset)
            cat <<'END'
offset=<OFFSET>     (required) The start offset to serve.
range=<LENGTH>                 The total size to serve.
END
            ;;
    esac
}

# The thread model that is left below the filters.
thread_model ()
{
    model=parallel
    case $plugin in
        curl) [ "$minor" -ge 36 ] || model=serialize_requests ;;
        ssh) model=serialize_requests ;;
        vddk) [ "$minor" -ge 30 ] || model=serialize_requests ;;
    esac
    max_model=$model
    for filter in $filters; do
        case $filter in
            retry) [ $model != parallel ] || model=serialize_requests ;;
            blocksize)
                [ "$minor" -ge 26 ] || model=serialize_all_requests ;;
        esac
    done
}

dump_plugin ()
{
    thread_model
    cat <<END
path=$dir/plugins/nbdkit-$plugin-plugin.so
name=$plugin
version=1.$minor.1
api_version=2
struct_size=384
max_thread_model=$max_model
thread_model=$model
errno_is_preserved=0
has_open=1
has_close=1
has_get_size=1
END
    case $plugin in
        ssh) since 26 has_can_multi_conn=1 ;;
        curl)
            since 36 has_can_multi_conn=1
            since 40 curl_protocol_http=yes curl_protocol_https=yes
            ;;
        file) echo has_can_extents=1 ;;
        nbd) echo libnbd_uri=1 ;;
        vddk)
            cat <<END
vddk_default_libdir=/usr/lib/vmware-vix-disklib
vddk_has_nfchostport=1
vddk_dll=/usr/lib/vmware-vix-disklib/lib64/libvixDiskLib.so.8
END
            since 30 vddk_library_version=8
            ;;
    esac
    for filter in $filters; do
        since 36 "FILTER_name=$filter"
    done
}

# The command line, as far as it matters here.
do=serve
plugin=
filters=
take=
for word; do
    if [ -n "$take" ]; then
        [ "$take" != filter ] || filters="$filters $word"
        take=
        continue
    fi
    case $word in
        --dump-config) do=dump_config ;;
        --dump-plugin) do=dump_plugin ;;
        --help) do=help ;;
        --long-options) do=long_options ;;
        --version|-V) do=version ;;
        --filter) take=filter ;;
        --filter=*) filters="$filters ${word#*=}" ;;
        --threads|--pidfile|--unix|-D|--debug|-t|-P|-U|--selinux-label)
            take=value ;;
        -*) ;;
        *) [ -n "$plugin" ] || plugin=$word ;;
    esac
done

for filter in $filters; do
    file=$dir/filters/nbdkit-$filter-filter.so
    if [ ! -e "$file" ]; then
        echo "nbdkit: error: cannot open filter '$filter': $file: cannot open shared object file: No such file or directory" >&2
        exit 1
    fi
done
if [ -n "$plugin" ] && [ ! -e "$dir/plugins/nbdkit-$plugin-plugin.so" ]; then
    file=$dir/plugins/nbdkit-$plugin-plugin.so
    echo "nbdkit: error: cannot open plugin '$plugin': $file: cannot open shared object file: No such file or directory" >&2
    echo "Use 'nbdkit --help' for more information." >&2
    exit 1
fi

case $do in
    dump_config) dump_config ;;
    dump_plugin) dump_plugin ;;
    long_options) long_options ;;
    version)
        echo "nbdkit 1.$minor.1"
        for name in $plugin $filters; do
            echo "$name 1.$minor.1"
        done
        ;;
    help)
        server_help
        for filter in $filters; do
            echo "filter: $filter (nbdkit $filter filter)"
            echo "($dir/filters/nbdkit-$filter-filter.so)"
            filter_help "$filter"
            echo
        done
        if [ -n "$plugin" ]; then
            echo "plugin: $plugin (nbdkit $plugin plugin)"
            echo "($dir/plugins/nbdkit-$plugin-plugin.so)"
            case $plugin in
                curl|ssh|file|nbd|vddk) "${plugin}_help" ;;
            esac
        fi
        ;;
    serve)
        echo 'nbdkit: error: a stand-in was asked to serve' >&2
        exit 1
        ;;
esac
