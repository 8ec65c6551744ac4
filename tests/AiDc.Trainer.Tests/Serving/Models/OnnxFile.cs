using Google.Protobuf;

namespace AiDc.Trainer.Tests.Serving.Models;

/// <summary>
/// Writes ONNX files, see onnx.proto at https://github.com/onnx/onnx/blob/main/onnx/onnx.proto: only the fields that the tests need.
/// </summary>
internal sealed class OnnxFile
{
    public const int Float = 1, UInt8 = 2, Int8 = 3, UInt16 = 4, Int16 = 5, Int32 = 6, Int64 = 7, String = 8, Bool = 9, Float16 = 10, Double = 11, UInt32 = 12, UInt64 = 13, Complex64 = 14, BFloat16 = 16;

    /// <summary>The set of operators that scikit-learn's converter uses.</summary>
    public const string MachineLearning = "ai.onnx.ml";

    private readonly List<byte[]> _nodes = [];
    private readonly List<byte[]> _initializers = [];
    private readonly List<byte[]> _inputs = [];
    private readonly List<byte[]> _outputs = [];

    /// <param name="shape">Null: unknown; -1: of any size.</param>
    public OnnxFile Input(string name, int type, params long[]? shape) => Add(_inputs, ValueInfo(name, TensorType(type, shape)));

    /// <inheritdoc cref="Input"/>
    public OnnxFile Output(string name, int type, params long[]? shape) => Add(_outputs, ValueInfo(name, TensorType(type, shape)));

    public OnnxFile SequenceOutput(string name, int type) =>
        Add(_outputs, ValueInfo(name, Message(m => Field(m, 4, Message(s => Field(s, 1, TensorType(type, null)))))));

    public OnnxFile Constant(string name, int type, long[] shape, byte[] data) => Add(_initializers, Message(m =>
    {
        foreach (var size in shape) Number(m, 1, size);
        Number(m, 2, type);
        Text(m, 8, name);
        m.WriteTag(9, WireFormat.WireType.LengthDelimited);
        m.WriteBytes(ByteString.CopyFrom(data));
    }));

    public OnnxFile Node(string op, string[] inputs, string[] outputs, params (string Name, long Value)[] attributes) => Add(_nodes, Message(m =>
    {
        foreach (var input in inputs) Text(m, 1, input);
        foreach (var output in outputs) Text(m, 2, output);
        Text(m, 4, op);
        foreach (var (name, value) in attributes)
        {
            Field(m, 5, Message(a =>
            {
                Text(a, 1, name);
                Number(a, 3, value);
                Number(a, 20, 2);
            }));
        }
    }));

    /// <summary>An operator of another set than ONNX's own, with attributes that are texts or lists of texts.</summary>
    public OnnxFile TextNode(string domain, string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes) => Add(_nodes, Message(m =>
    {
        foreach (var input in inputs) Text(m, 1, input);
        foreach (var output in outputs) Text(m, 2, output);
        Text(m, 4, op);
        foreach (var (name, value) in attributes) Field(m, 5, Message(a => Attribute(a, name, value)));
        Text(m, 7, domain);
    }));

    private static void Attribute(CodedOutputStream target, string name, object value)
    {
        Text(target, 1, name);
        switch (value)
        {
            case string text:
                Text(target, 4, text);
                Number(target, 20, 3);
                break;
            case string[] texts:
                foreach (var text in texts) Text(target, 9, text);
                Number(target, 20, 8);
                break;
            default:
                Number(target, 3, (int)value);
                Number(target, 20, 2);
                break;
        }
    }

    public byte[] Bytes() => Message(model =>
    {
        Number(model, 1, 8); // IR version
        Field(model, 7, Message(graph =>
        {
            foreach (var node in _nodes) Field(graph, 1, node);
            Text(graph, 2, "test");
            foreach (var initializer in _initializers) Field(graph, 5, initializer);
            foreach (var input in _inputs) Field(graph, 11, input);
            foreach (var output in _outputs) Field(graph, 12, output);
        }));
        Field(model, 8, Message(opset => Number(opset, 2, 17)));
        Field(model, 8, Message(opset =>
        {
            Text(opset, 1, MachineLearning);
            Number(opset, 2, 3);
        }));
    });

    private OnnxFile Add(List<byte[]> list, byte[] item)
    {
        list.Add(item);
        return this;
    }

    private static byte[] ValueInfo(string name, byte[] type) => Message(m =>
    {
        Text(m, 1, name);
        Field(m, 2, type);
    });

    private static byte[] TensorType(int type, long[]? shape) => Message(m => Field(m, 1, Message(t =>
    {
        Number(t, 1, type);
        if (shape is not null)
        {
            Field(t, 2, Message(s =>
            {
                foreach (var size in shape) Field(s, 1, Message(d => Dimension(d, size)));
            }));
        }
    })));

    private static void Dimension(CodedOutputStream target, long size)
    {
        if (size >= 0) Number(target, 1, size);
        else Text(target, 2, $"n{-size}");
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        var target = new CodedOutputStream(bytes, leaveOpen: true);
        write(target);
        target.Flush();
        target.Dispose();
        return bytes.ToArray();
    }

    private static void Field(CodedOutputStream target, int number, byte[] message)
    {
        target.WriteTag(number, WireFormat.WireType.LengthDelimited);
        target.WriteBytes(ByteString.CopyFrom(message));
    }

    private static void Text(CodedOutputStream target, int number, string value)
    {
        target.WriteTag(number, WireFormat.WireType.LengthDelimited);
        target.WriteString(value);
    }

    private static void Number(CodedOutputStream target, int number, long value)
    {
        target.WriteTag(number, WireFormat.WireType.Varint);
        target.WriteInt64(value);
    }
}
