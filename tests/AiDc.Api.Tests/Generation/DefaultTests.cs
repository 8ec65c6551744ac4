using System.Text.Json.Nodes;
using AiDc.Api.Generator;
using AiDc.Api.Schema;
using AiDc.Api.V1Alpha1;

namespace AiDc.Api.Tests.Generation
{
    /// <summary>An API server holds the default of an object against its rules before it fills in the defaults of its fields.</summary>
    [TestFixture]
    internal sealed class DefaultTests
    {
        private static readonly SchemaBuilder Builder = new(XmlDocs.Of(typeof(TrainingJob).Assembly));

        private static IEnumerable<string> Definitions() => Directory.GetFiles(Path.Combine(Repository.Root, "crds")).Select(f => Path.GetFileName(f));

        [TestCaseSource(nameof(Definitions))]
        public void Every_default_is_what_the_server_makes_of_it(string file)
        {
            var schema = Manifests.Parse(Repository.Read("crds/" + file))[0]["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;
            var defaults = ObjectDefaults(schema, "").ToList();

            Assert.That(defaults, Has.Count.GreaterThan(3));
            foreach (var (path, node) in defaults)
                Assert.That(Filled(node, node["default"]!.AsObject()).ToJsonString(), Is.EqualTo(node["default"]!.ToJsonString()), path);
        }

        [Test]
        public void The_default_of_an_object_has_those_of_its_fields_and_its_own_values()
        {
            var schema = Builder.BuildRoot(typeof(Fine));

            Assert.That(schema["properties"]!["inner"]!["default"]!.ToJsonString(), Is.EqualTo("""{"name":"other","count":3,"deep":{"flag":true}}"""));
        }

        [TestCase(typeof(ReadsWhatMayBeMissing), "reads self.inner.note, which may be missing")]
        [TestCase(typeof(ReadsWhatIsNotThere), "reads typo, which ReadsWhatIsNotThere does not have")]
        [TestCase(typeof(AsksInsideOfWhatMayBeMissing), "reads self.maybe, which may be missing")]
        [TestCase(typeof(DefaultWithoutRequired), "an object with a required field (name) cannot have a default")]
        [TestCase(typeof(DefaultThatLeavesOut), "its default leaves text out")]
        [TestCase(typeof(DefaultOfNoKnownKind), "no way to write the default")]
        public void What_no_server_could_evaluate_is_not_generated(Type type, string why) =>
            Assert.That(() => Builder.BuildRoot(type), Throws.InstanceOf<NotSupportedException>().With.Message.Contains(why));

        /// <summary>As the server does it: what is missing is taken from the schema, and then what is missing in that.</summary>
        private static JsonObject Filled(JsonNode schema, JsonObject given)
        {
            var filled = new JsonObject();
            foreach (var (name, field) in schema["properties"]!.AsObject())
            {
                if ((given[name] ?? field!["default"]) is { } value)
                    filled[name] = value is JsonObject inner ? Filled(field!, inner) : value.DeepClone();
            }

            return filled;
        }

        private static IEnumerable<(string Path, JsonNode Schema)> ObjectDefaults(JsonNode schema, string path)
        {
            if (schema["default"] is JsonObject)
                yield return (path, schema);
            foreach (var (name, child) in schema["properties"]?.AsObject() ?? [])
            {
                foreach (var inner in ObjectDefaults(child!, $"{path}.{name}"))
                    yield return inner;
            }

            foreach (var inner in schema["items"] is { } items ? ObjectDefaults(items, path + "[]") : [])
                yield return inner;
        }
    }
}

// The generator takes the types of this namespace for objects of ours.
namespace AiDc.Api.V1Alpha1
{
    internal sealed record Inner
    {
        public string Name { get; init; } = "one";

        public int Count { get; init; } = 3;

        public string? Note { get; init; }

        public Deep Deep { get; init; } = new();
    }

    internal sealed record Deep
    {
        public bool Flag { get; init; } = true;
    }

    internal sealed record WithRequired
    {
        [System.ComponentModel.DataAnnotations.Required]
        public string Name { get; init; } = "";
    }

    internal sealed record WithText
    {
        public string? Text { get; init; } = "text";
    }

    [Rule("self.inner.count > 0 && (!has(self.inner.note) || self.inner.note.size() > 1) && (!has(self.maybe) || self.maybe.flag) && self.inner.name != 'self.typo'", "fine")]
    internal sealed record Fine
    {
        public Inner Inner { get; init; } = new() { Name = "other" };

        public Deep? Maybe { get; init; }
    }

    [Rule("self.inner.note != ''", "may be missing")]
    internal sealed record ReadsWhatMayBeMissing
    {
        public Inner Inner { get; init; } = new();
    }

    [Rule("self.typo", "is not there")]
    internal sealed record ReadsWhatIsNotThere
    {
        public Inner Inner { get; init; } = new();
    }

    [Rule("has(self.maybe.flag)", "may be missing")]
    internal sealed record AsksInsideOfWhatMayBeMissing
    {
        public Deep? Maybe { get; init; }
    }

    internal sealed record DefaultWithoutRequired
    {
        public WithRequired Inner { get; init; } = new();
    }

    internal sealed record DefaultThatLeavesOut
    {
        public WithText Inner { get; init; } = new() { Text = null };
    }

    internal sealed record DefaultOfNoKnownKind
    {
        public IReadOnlyList<string> Names { get; init; } = ["a"];
    }
}
