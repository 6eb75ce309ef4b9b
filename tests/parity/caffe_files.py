"""Files in Caffe's formats, written by Google's protobuf library from messages that stand here, as
far as a trained net has them (field numbers: BVLC/caffe, src/caffe/proto/caffe.proto)."""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "subset"
STRING, INT32, INT64, FLOAT, MESSAGE = 9, 5, 3, 2, 11  # FieldDescriptorProto.Type
ONE, MANY = 1, 3  # FieldDescriptorProto.Label

# Message: fields as (name, number, label, type, message's name or None)
MESSAGES = {
    "BlobShape": [("dim", 1, MANY, INT64, None)],
    "BlobProto": [("num", 1, ONE, INT32, None), ("channels", 2, ONE, INT32, None),
                  ("height", 3, ONE, INT32, None), ("width", 4, ONE, INT32, None),
                  ("data", 5, MANY, FLOAT, None), ("shape", 7, ONE, MESSAGE, "BlobShape")],
    "ConvolutionParameter": [("num_output", 1, ONE, INT32, None), ("group", 5, ONE, INT32, None)],
    "LayerParameter": [("name", 1, ONE, STRING, None), ("type", 2, ONE, STRING, None),
                       ("bottom", 3, MANY, STRING, None), ("top", 4, MANY, STRING, None),
                       ("blobs", 7, MANY, MESSAGE, "BlobProto"),
                       ("convolution_param", 106, ONE, MESSAGE, "ConvolutionParameter")],
    "V1LayerParameter": [("bottom", 2, MANY, STRING, None), ("top", 3, MANY, STRING, None),
                         ("name", 4, ONE, STRING, None), ("type", 5, ONE, INT32, None),
                         ("blobs", 6, MANY, MESSAGE, "BlobProto"),
                         ("convolution_param", 10, ONE, MESSAGE, "ConvolutionParameter")],
    "NetParameter": [("name", 1, ONE, STRING, None),
                     ("layers", 2, MANY, MESSAGE, "V1LayerParameter"),
                     ("input", 3, MANY, STRING, None), ("input_dim", 4, MANY, INT32, None),
                     ("layer", 100, MANY, MESSAGE, "LayerParameter")],
}
V1_CONVOLUTION, V1_RELU, V1_PRODUCT = 4, 18, 14  # V1LayerParameter.LayerType


def message_classes():
    file = descriptor_pb2.FileDescriptorProto(name="subset.proto", package=PACKAGE, syntax="proto2")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, label, kind, inner in fields:
            added = message.field.add(name=field, number=number, label=label, type=kind)
            if inner:
                added.type_name = f".{PACKAGE}.{inner}"
            if label == MANY and kind in (INT64, FLOAT):
                added.options.packed = True
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
            for name in MESSAGES}


CLASSES = message_classes()


def fill_blob(blob, array, legacy):
    if legacy:
        sizes = (1,) * (4 - array.ndim) + array.shape
        blob.num, blob.channels, blob.height, blob.width = sizes
    else:
        blob.shape.dim.extend(array.shape)
    blob.data.extend(array.ravel().tolist())


def net(title, layers, form):
    """Bytes of a NetParameter; layers: (name, weights, biases, groups) of arrays. form: V1 or V2."""
    message = CLASSES["NetParameter"](name=title)
    message.input.append("data")
    message.input_dim.extend([10, 3, 224, 224])
    previous = "data"
    for name, weights, biases, groups in layers:
        convolution = weights.ndim == 4
        if form == "V1":
            layer = message.layers.add(name=name,
                                       type=V1_CONVOLUTION if convolution else V1_PRODUCT)
        else:
            layer = message.layer.add(name=name,
                                      type="Convolution" if convolution else "InnerProduct")
        layer.bottom.append(previous)
        layer.top.append(name)
        if convolution:
            layer.convolution_param.num_output = weights.shape[0]
            layer.convolution_param.group = groups
        fill_blob(layer.blobs.add(), weights, form == "V1")
        fill_blob(layer.blobs.add(), biases, form == "V1")
        if form == "V1":  # layers without blobs stand between them
            message.layers.add(name=f"relu_{name}", type=V1_RELU, bottom=[name], top=[name])
        previous = name
    return message.SerializeToString()


def mean_image(array):
    """Bytes of a .binaryproto; array: (3, height, width), BGR."""
    message = CLASSES["BlobProto"](num=1, channels=3, height=array.shape[1], width=array.shape[2])
    message.data.extend(array.ravel().tolist())
    return message.SerializeToString()
