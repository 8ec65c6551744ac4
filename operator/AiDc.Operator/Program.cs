using AiDc.Operator.Hosting;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddOperator();
var app = builder.Build();
app.MapOperator();
await app.RunAsync();
