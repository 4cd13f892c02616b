#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fills a folder with ONNX Runtime's native libraries for NVIDIA devices (Linux on x86-64, CUDA 12), for a gateway that has no
# network: run it where there is one, and carry the folder over. Every file is checked against the digest that stands here.
set -eu

usage() {
    cat >&2 <<'END'
usage: fetch-onnxruntime-gpu.sh FOLDER [--with-cuda] [--from FOLDER]
  FOLDER       where the libraries go (600 MB; 3.3 GB with --with-cuda); made if absent
  --with-cuda  also CUDA 12.9 and cuDNN 9 from PyPI (1.7 GB to fetch), for a gateway that has only NVIDIA's driver.
               They are NVIDIA's, under NVIDIA's licence agreements, which you accept by fetching them.
  --from       where the archives lie that were fetched before; what is missing there is fetched and kept there
END
    exit 2
}

me=fetch-onnxruntime-gpu
offers_cuda=yes
. "$(dirname -- "$0")/fetch.sh"
begin "$@"

central=https://repo1.maven.org/maven2/com/microsoft/onnxruntime/onnxruntime_gpu
pypi=https://files.pythonhosted.org/packages

# The version is that of the Java classes in io.edgewright.onnxruntime; another one is refused there.
archive fe39a98c499fc9be3944dd2bf2fb77d7dc5f152668bf95d8beb1c3d7b22f2a89 \
    "$central/1.29.0/onnxruntime_gpu-1.29.0.jar" 'ai/onnxruntime/native/linux-x64/*.so'

if [ -n "$with_cuda" ]; then
    archive 25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3 \
        "$pypi/bc/46/a92db19b8309581092a3add7e6fceb4c301a3fd233969856a8cbf042cd3c/nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl" \
        '*/lib/*.so*'
    archive d7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72 \
        "$pypi/7b/ea/9b6c36aef90766eebb4763aded157039e797ae9789c9c216e960d1d3cd47/nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl" \
        '*/lib/libcublas*.so*'
    archive 49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e \
        "$pypi/31/44/193a0e171750ca9f8320626e8a1f2381e4077a65e69e2fb9708bd479e34a/nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl" \
        '*/lib/*.so*'
    archive c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28 \
        "$pypi/95/f4/61e6996dd20481ee834f57a8e9dca28b1869366a135e0d42e2aa8493bdd4/nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl" \
        '*/lib/libcufft.so*'
    archive 210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4 \
        "$pypi/b8/85/e4af82cc9202023862090bfca4ea827d533329e925c758f0cde964cb54b7/nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl" \
        '*/lib/libnvrtc*.so.12*'
    rm -f "$folder"/libnvrtc*.alt.so.12* # the same once more, for old drivers' compilers
    archive e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9 \
        "$pypi/46/0c/c75bbfb967457a0b7670b8ad267bfc4fffdf341c074e0a80db06c24ccfd4/nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl" \
        '*/lib/*.so*'
    archive 9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375 \
        "$pypi/ce/64/56ce3cad192cc75b50da3be44e36741ba963c84d3d2ca10aaa5ec16c49c3/nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl" \
        '*/lib/*.so*'
fi

echo "$folder is filled. On the gateway, as the driver's own setting (nothing else changes):" >&2
echo "  ./edgewright settings set io.edgewright.accelerator.cuda natives=FOLDER" >&2
echo "or for the whole process, before it starts: EDGEWRIGHT_ONNXRUNTIME_NATIVES=FOLDER" >&2
