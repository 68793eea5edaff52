{
  "targets": [
    {
      "target_name": "momentd",
      "sources": [
        "native/addon.cc",
        "native/clocks.cc",
        "native/device-thread.cc",
        "native/durable-files.cc",
        "native/hashing.cc",
        "native/phc.cc",
        "native/phc-ioctl.cc",
        "native/pps.cc",
        "native/pty.cc",
        "native/system-error.cc",
        "native/unix-datagram.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # SWALLOW: an answer that arrives while its worker is being terminated cannot be told to anyone; without it that is fatal.
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-cast-function-type", "-fno-exceptions", "-fvisibility=hidden", "-pthread"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "ldflags": ["-pthread"]
    }
  ]
}
