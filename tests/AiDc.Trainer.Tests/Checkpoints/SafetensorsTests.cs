using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using AiDc.Trainer.Tensors;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Checkpoints;

internal sealed class SafetensorsTests
{
    [Test]
    public void A_file_is_laid_out_as_the_format_says()
    {
        var bytes = Write(new("b", ScalarType.Int64, [], [1, 0, 0, 0, 0, 0, 0, 0]), new("a", ScalarType.Bool, [3], [1, 0, 1]), new("c", ScalarType.Float32, [2, 1], [0, 0, 128, 63, 0, 0, 0, 64]));
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Assert.That((8 + length) % 8, Is.Zero, "the data must be aligned");
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        var data = bytes.AsSpan(8 + length).ToArray();
        Assert.That(data, Has.Length.EqualTo(19));
        Assert.That(Tensor("a", "BOOL", [3]), Is.EqualTo(new byte[] { 1, 0, 1 }));
        Assert.That(BitConverter.ToInt64(Tensor("b", "I64", [])), Is.EqualTo(1));
        Assert.That(BitConverter.ToSingle(Tensor("c", "F32", [2, 1]), 4), Is.EqualTo(2f));

        byte[] Tensor(string name, string type, int[] shape)
        {
            var entry = header.RootElement.GetProperty(name);
            Assert.That(entry.GetProperty("dtype").GetString(), Is.EqualTo(type));
            Assert.That(entry.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32()), Is.EqualTo(shape));
            var offsets = entry.GetProperty("data_offsets");
            return data[offsets[0].GetInt32()..offsets[1].GetInt32()];
        }
    }

    [Test]
    public void Every_type_and_shape_comes_back_as_it_was()
    {
        using var scope = NewDisposeScope();
        Tensor[] tensors =
        [
            randn(3, 4), randn([2], ScalarType.Float64), randn(5).to(ScalarType.BFloat16), randn(5).to(ScalarType.Float16), tensor(42L), arange(6, ScalarType.Int32).reshape(2, 3),
            tensor(new short[] { -1 }), tensor(new sbyte[] { -128 }), tensor(new byte[] { 255 }), tensor(new[] { true, false, true }), zeros(0, 3), randn(4, 3).t(),
        ];
        var read = Read(Write([.. tensors.Select((t, i) => HostTensor.Copy($"t{i}", t))]));
        Assert.That(read, Has.Count.EqualTo(tensors.Length));
        for (var i = 0; i < tensors.Length; i++)
        {
            var target = empty(tensors[i].shape, tensors[i].dtype);
            read[$"t{i}"].CopyTo(target, "test");
            Assert.That(target.equal(tensors[i]).all().item<bool>(), $"tensor {i}");
        }
    }

    [Test]
    public void Equal_contents_give_equal_files_whatever_the_order()
    {
        HostTensor one = new("one", ScalarType.Byte, [1], [1]), two = new("two", ScalarType.Byte, [1], [2]);
        Assert.That(Write(one, two), Is.EqualTo(Write(two, one)));
    }

    [Test]
    public void A_tensor_of_another_shape_is_refused_by_name()
    {
        using var target = zeros(2, 3);
        var error = Assert.Throws<InvalidFileException>(() => new HostTensor("w", ScalarType.Float32, [3, 2], new byte[24]).CopyTo(target, "file"));
        Assert.That(error!.Message, Does.Contain("w is Float32[3, 2]").And.Contain("Float32[2, 3]"));
    }

    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "truncated")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "follow the last tensor")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "contradict")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "impossible shape")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "impossible shape")]
    [TestCase("""{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}""", 8, "F99")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", 8, "begins at 4")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[6],"data_offsets":[2,8]}}""", 8, "begins at 2")]
    [TestCase("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,-4]}}""", 0, "impossible shape")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4]}}""", 4, "not the JSON")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}""", 4, "two data_offsets")]
    [TestCase("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4, "not the JSON")]
    [TestCase("""[1]""", 0, "not the JSON")]
    [TestCase("""{"a":""", 0, "not the JSON")]
    public void What_the_format_forbids_is_refused_with_the_reason(string header, int dataBytes, string reason)
    {
        var error = Assert.Throws<InvalidFileException>(() => Read(File(header, dataBytes)));
        Assert.That(error!.Message, Does.Contain(reason).And.StartWith("memory.safetensors"));
    }

    [TestCase(200_000_000UL)]
    [TestCase(ulong.MaxValue)]
    [TestCase(1000UL)]
    public void A_header_that_claims_too_much_is_refused_before_it_is_read(ulong length)
    {
        var bytes = File("{}", 8);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Assert.That(() => Read(bytes), Throws.TypeOf<InvalidFileException>().With.Message.Contain("header"));
    }

    [Test]
    public void An_empty_file_is_refused() => Assert.That(() => Read([]), Throws.TypeOf<InvalidFileException>());

    [Test]
    public void A_missing_file_is_named() =>
        Assert.That(() => SafetensorsReader.Read("/nowhere/x.safetensors"), Throws.TypeOf<InvalidFileException>().With.Message.Contain("/nowhere/x.safetensors"));

    [Test]
    public void Metadata_is_no_tensor() =>
        Assert.That(Read(File("""{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1)).Keys, Is.EqualTo(new[] { "a" }));

    private static byte[] File(string header, int dataBytes)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        return bytes;
    }

    private static byte[] Write(params HostTensor[] tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors);
        return stream.ToArray();
    }

    private static IReadOnlyDictionary<string, HostTensor> Read(byte[] bytes) => SafetensorsReader.Read(new MemoryStream(bytes), "memory.safetensors");
}
